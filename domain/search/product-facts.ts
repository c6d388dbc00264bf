import type { Money } from '../shared/money.ts';

/** How a product is rated, 0 to 5, by how many. */
export interface ProductRating {
  readonly productId: string;
  readonly average: number;
  readonly count: number;
}

/** What a variant costs the merchant. */
export interface VariantCost {
  readonly variantId: string;
  readonly cost: Money;
}

/** Facts of other systems by which products are ranked. Whatever is written is indexed anew. */
export interface ProductFactStore {
  /** How many of the products there are. */
  putRatings(ratings: readonly ProductRating[]): Promise<number>;
  putCosts(costs: readonly VariantCost[]): Promise<number>;
}
