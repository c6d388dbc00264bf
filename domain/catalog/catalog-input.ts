import type { AttributeType } from './attribute.ts';
import type { ProductStatus, SelectedOption, StockPolicy } from './product.ts';

/** What may be left out; null is as good as nothing. */
export type Optional<T> = T | null | undefined;

/** What an operator sends; none of it is checked yet. */
export interface ProductCreateInput {
  readonly handle: string;
  readonly title: string;
  readonly description?: Optional<string>;
  /** Default: draft. */
  readonly status?: Optional<ProductStatus>;
  /** Handles. */
  readonly categories?: Optional<readonly string[]>;
  readonly attributes?: Optional<readonly AttributeValueInput[]>;
  readonly images?: Optional<readonly ProductImageInput[]>;
  readonly options?: Optional<readonly ProductOptionInput[]>;
  readonly variants: readonly NewVariantInput[];
}

/** Lists replace what was there. */
export interface ProductUpdateInput {
  readonly id: string;
  /** The version that the caller saw. */
  readonly version?: Optional<number>;
  readonly handle?: Optional<string>;
  readonly title?: Optional<string>;
  readonly description?: Optional<string>;
  readonly status?: Optional<ProductStatus>;
  readonly categories?: Optional<readonly string[]>;
  readonly attributes?: Optional<readonly AttributeValueInput[]>;
  readonly images?: Optional<readonly ProductImageInput[]>;
}

export interface AttributeValueInput {
  readonly code: string;
  readonly value: unknown;
}

export interface ProductImageInput {
  readonly url: string;
  readonly alt?: Optional<string>;
}

export interface ProductOptionInput {
  readonly name: string;
  readonly values: readonly string[];
}

export interface NewVariantInput {
  readonly sku: string;
  /** Default: its option values, or the product's title. */
  readonly title?: Optional<string>;
  readonly selectedOptions?: Optional<readonly SelectedOption[]>;
  readonly prices: readonly VariantPriceInput[];
  readonly stock?: Optional<readonly VariantStockInput[]>;
  readonly taxCategory?: Optional<string>;
  readonly weightGrams?: Optional<number>;
  readonly trackInventory?: Optional<boolean>;
}

/** Minor units. */
export interface VariantPriceInput {
  readonly currency: string;
  /** Null removes the price. */
  readonly amount?: Optional<number>;
  readonly compareAtAmount?: Optional<number>;
}

export interface VariantStockInput {
  /** Code of the stock location. */
  readonly location: string;
  readonly onHand: number;
}

export interface VariantCreateInput {
  readonly productId: string;
  readonly variant: NewVariantInput;
}

export interface VariantUpdateInput {
  readonly id: string;
  readonly sku?: Optional<string>;
  readonly title?: Optional<string>;
  readonly taxCategory?: Optional<string>;
  readonly weightGrams?: Optional<number>;
  readonly trackInventory?: Optional<boolean>;
  readonly active?: Optional<boolean>;
}

export interface VariantStockPolicySetInput {
  readonly variantId: string;
  readonly stockPolicy: StockPolicy;
  readonly availableFrom?: Optional<Date>;
  /** Units; absent: any number. */
  readonly backorderLimit?: Optional<number>;
}

export interface VariantPricesSetInput {
  readonly variantId: string;
  readonly prices: readonly VariantPriceInput[];
}

export interface StockLevelSetInput {
  readonly variantId: string;
  /** Code of the stock location. */
  readonly location: string;
  readonly onHand: number;
  readonly reason?: Optional<string>;
}

export interface CategoryCreateInput {
  readonly handle: string;
  readonly name: string;
  readonly description?: Optional<string>;
  /** Handle of the category above. */
  readonly parent?: Optional<string>;
  /** Among its siblings. */
  readonly position?: Optional<number>;
}

export interface AttributeCreateInput {
  readonly code: string;
  readonly name: string;
  readonly type: AttributeType;
  readonly unit?: Optional<string>;
  readonly options?: Optional<readonly string[]>;
}
