import type { Money } from '../shared/money.ts';
import type { AttributeValue } from './attribute.ts';
import type { Category } from './category.ts';
import type { ProductTranslation } from './translation.ts';

export const PRODUCT_STATUSES = ['draft', 'active', 'archived'] as const;
export type ProductStatus = (typeof PRODUCT_STATUSES)[number];

/** A product as it is shown. Parts that were not asked for (`ProductPart`) are empty. */
export interface Product {
  readonly id: string;
  /** Its name in URLs; unique. */
  readonly handle: string;
  readonly title: string;
  readonly description: string;
  readonly status: ProductStatus;
  /** Raised by each change of the product, its variants and their prices; not by stock. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly images: readonly ProductImage[];
  readonly options: readonly ProductOption[];
  readonly variants: readonly Variant[];
  readonly attributes: readonly AttributeValue[];
  readonly categories: readonly Category[];
  /** Codes of the channels that it is sold in; empty: in every one. */
  readonly channels: readonly string[];
  /** Codes of the customer groups that it is for; empty: for everybody. */
  readonly customerGroups: readonly string[];
  readonly translations: readonly ProductTranslation[];
}

export interface ProductImage {
  readonly id: string;
  readonly url: string;
  readonly alt: string;
}

/** What a shopper chooses by: `Size`, of these values. */
export interface ProductOption {
  readonly id: string;
  readonly name: string;
  readonly values: readonly string[];
}

export interface SelectedOption {
  readonly name: string;
  readonly value: string;
}

/** What is put into a cart. */
export interface Variant {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly taxCategory: string;
  readonly weightGrams: number | null;
  /** False: no longer sold. */
  readonly active: boolean;
  readonly selectedOptions: readonly SelectedOption[];
  readonly prices: readonly VariantPrice[];
  /** Units that can be sold now, over all locations; null when stock is not tracked. */
  readonly available: number | null;
  readonly stockPolicy: StockPolicy;
  /** When what is sold before it is there is expected. */
  readonly availableFrom: Date | null;
}

export const STOCK_POLICIES = ['deny', 'backorder', 'preorder'] as const;
/** `deny`: sold out means sold out · `backorder`, `preorder`: sold on, and sent when stock arrives. */
export type StockPolicy = (typeof STOCK_POLICIES)[number];

/** Minor units of the currency. */
export interface VariantPrice {
  readonly currency: string;
  readonly amount: number;
  /** What it cost before, for show. */
  readonly compareAtAmount: number | null;
}

/** The variant's price in a currency; undefined when it is not sold in it. */
export function priceIn(variant: Variant, currency: string): VariantPrice | undefined {
  for (const price of variant.prices) if (price.currency === currency) return price;
  return undefined;
}

/** The lowest and the highest price of the active variants in a currency; undefined when none is sold in it. */
export function priceRange(product: Product, currency: string): { min: Money; max: Money } | undefined {
  const amounts = product.variants.flatMap((variant) => (variant.active ? (priceIn(variant, currency)?.amount ?? []) : []));
  if (amounts.length === 0) return undefined;
  return { min: { amount: Math.min(...amounts), currency }, max: { amount: Math.max(...amounts), currency } };
}

export const isInStock = (variant: Variant): boolean => variant.available === null || variant.available > 0;
