import type { PageRequest } from '../shared/page.ts';
import type { Audience } from './audience.ts';
import type { Optional } from './catalog-input.ts';
import type { AttributeContent } from './attribute.ts';
import type { ProductStatus } from './product.ts';

/** What of a product is read only when asked for; `selectedOptions`, `prices` and `stock` are those of its variants. */
export const PRODUCT_PARTS = [
  'images',
  'options',
  'variants',
  'selectedOptions',
  'prices',
  'stock',
  'attributes',
  'categories',
  'channels',
  'customerGroups',
  'translations',
] as const;
export type ProductPart = (typeof PRODUCT_PARTS)[number];

/** How much of a product is read. */
export interface ProductSelection {
  readonly parts: ReadonlySet<ProductPart>;
  /** The currencies whose prices are read; null: all. */
  readonly currencies: readonly string[] | null;
  readonly inactiveVariants: boolean;
}

/** All there is. */
export const WHOLE_PRODUCT: ProductSelection = { parts: new Set(PRODUCT_PARTS), currencies: null, inactiveVariants: true };

export const PRODUCT_SORTS = ['newest', 'oldest', 'title_asc', 'title_desc', 'price_asc', 'price_desc'] as const;
export type ProductSort = (typeof PRODUCT_SORTS)[number];

/** Which products, as the caller says it. Everything given must hold. */
export interface ProductFilter {
  /** Words, each contained in the title or the description. */
  readonly search?: Optional<string>;
  /** Handle of a category: its products and those of the categories below it. */
  readonly category?: Optional<string>;
  readonly handles?: Optional<readonly string[]>;
  /** Minor units of `currency`; a product is in when one of its active variants is. */
  readonly minPrice?: Optional<number>;
  readonly maxPrice?: Optional<number>;
  /** Default: the channel's. Also that of sorting by price. */
  readonly currency?: Optional<string>;
  readonly inStock?: Optional<boolean>;
  readonly attributes?: Optional<readonly AttributeFilter[]>;
  readonly status?: Optional<ProductStatus>;
}

export interface AttributeFilter {
  readonly code: string;
  /** Any of these: options, texts, or `true`/`false`. */
  readonly values?: Optional<readonly string[]>;
  /** Bounds of a number, included. */
  readonly min?: Optional<number>;
  readonly max?: Optional<number>;
}

/** Which products, checked and resolved. Everything given must hold. */
export interface ProductCriteria {
  /** What is not for it is left out; words and titles are those of its locale. */
  readonly audience: Audience;
  /** As LIKE would look for them, but without its wildcards. */
  readonly words: readonly string[];
  readonly category?: string;
  readonly handles?: readonly string[];
  readonly ids?: readonly string[];
  readonly price?: { readonly currency: string; readonly min: number | null; readonly max: number | null };
  readonly inStock?: boolean;
  readonly attributes: readonly AttributeCriterion[];
  readonly status?: ProductStatus;
}

export type AttributeCriterion = { readonly attributeId: string } & (
  | { readonly kind: 'any_of'; readonly values: readonly AttributeContent[] }
  | { readonly kind: 'has_any'; readonly options: readonly string[] }
  | { readonly kind: 'between'; readonly min: number | null; readonly max: number | null }
);

/** How a listing is sorted; `price` in one currency, products without a price in it last. The id decides among equals. */
export interface ProductOrder {
  readonly by: 'id' | 'title' | 'price';
  readonly descending: boolean;
  readonly currency: string;
  /** Of titles; null: the catalog's own words. */
  readonly locale: string | null;
}

/** A product's place in an order. `key` is null when the id alone decides. */
export interface ProductPosition {
  readonly key: string | number | null;
  readonly id: string;
}

/** What a caller asks for. */
export interface ProductListRequest {
  readonly page: PageRequest;
  readonly filter: ProductFilter;
  readonly sort: ProductSort;
  readonly selection: ProductSelection;
  readonly withTotalCount: boolean;
  readonly audience: Audience;
}

/** For whom one product is read. */
export interface ProductView {
  /** Absent: in any. */
  readonly status?: ProductStatus;
  readonly audience: Audience;
}
