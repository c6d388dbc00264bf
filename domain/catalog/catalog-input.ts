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
  /** Codes; none: every channel. */
  readonly channels?: Optional<readonly string[]>;
  /** Codes; none: everybody. */
  readonly customerGroups?: Optional<readonly string[]>;
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
  readonly channels?: Optional<readonly string[]>;
  readonly customerGroups?: Optional<readonly string[]>;
  readonly attributes?: Optional<readonly AttributeValueInput[]>;
  readonly images?: Optional<readonly ProductImageInput[]>;
}

/** Sets the words of these locales and leaves the others; a locale without any word is removed. */
export interface ProductTranslationsSetInput {
  readonly productId: string;
  /** The version that the caller saw. */
  readonly version?: Optional<number>;
  readonly translations: readonly { readonly locale: string; readonly title?: Optional<string>; readonly description?: Optional<string> }[];
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

/** What is left out stays; the handle is fixed. */
export interface CategoryUpdateInput {
  readonly id: string;
  readonly name?: Optional<string>;
  readonly description?: Optional<string>;
  /** Handle of the category above; null: to the top. */
  readonly parent?: string | null | undefined;
  readonly position?: Optional<number>;
}

/** As of products. */
export interface CategoryTranslationsSetInput {
  readonly categoryId: string;
  readonly translations: readonly { readonly locale: string; readonly name?: Optional<string>; readonly description?: Optional<string> }[];
}

export interface AttributeUpdateInput {
  readonly id: string;
  readonly name: string;
}

/** As of products; the labels of a locale replace those that it had. */
export interface AttributeTranslationsSetInput {
  readonly attributeId: string;
  readonly translations: readonly {
    readonly locale: string;
    readonly name?: Optional<string>;
    readonly labels?: Optional<readonly { readonly value: string; readonly label: string }[]>;
  }[];
}

export interface AttributeCreateInput {
  readonly code: string;
  readonly name: string;
  readonly type: AttributeType;
  readonly unit?: Optional<string>;
  readonly options?: Optional<readonly string[]>;
}
