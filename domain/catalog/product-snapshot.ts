import type { AttributeValue } from './attribute.ts';
import type { Category } from './category.ts';
import type { Product, ProductImage, ProductOption, ProductStatus, SelectedOption, StockPolicy, VariantPrice } from './product.ts';
import type { ProductTranslation } from './translation.ts';

/** A product as events tell of it; amounts in minor units. Stock has events of its own. */
export interface ProductSnapshot {
  readonly handle: string;
  readonly title: string;
  readonly description: string;
  readonly status: ProductStatus;
  /** ISO 8601 UTC, as all instants here. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly images: readonly ProductImage[];
  readonly options: readonly ProductOption[];
  readonly variants: readonly {
    readonly id: string;
    readonly sku: string;
    readonly title: string;
    readonly taxCategory: string;
    readonly weightGrams: number | null;
    readonly active: boolean;
    readonly selectedOptions: readonly SelectedOption[];
    readonly prices: readonly VariantPrice[];
    readonly stockPolicy: StockPolicy;
    readonly availableFrom: string | null;
  }[];
  readonly attributes: readonly Omit<AttributeValue, 'labels'>[];
  readonly categories: readonly Pick<Category, 'id' | 'handle' | 'name'>[];
  /** Codes; none: in every channel. */
  readonly channels: readonly string[];
  /** Codes; none: for everybody. */
  readonly customerGroups: readonly string[];
  readonly translations: readonly ProductTranslation[];
}

/** The product for the payload of an event. */
export const productSnapshot = ({ handle, title, description, status, createdAt, updatedAt, images, options, variants, attributes, categories, channels, customerGroups, translations }: Product): ProductSnapshot => ({
  ...{ handle, title, description, status },
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
  images: images.map(({ id, url, alt }) => ({ id, url, alt })),
  options: options.map(({ id, name, values }) => ({ id, name, values })),
  variants: variants.map((variant) => ({
    ...{ id: variant.id, sku: variant.sku, title: variant.title, taxCategory: variant.taxCategory, weightGrams: variant.weightGrams, active: variant.active },
    selectedOptions: variant.selectedOptions.map(({ name, value }) => ({ name, value })),
    prices: variant.prices.map(({ currency, amount, compareAtAmount }) => ({ currency, amount, compareAtAmount })),
    stockPolicy: variant.stockPolicy,
    availableFrom: variant.availableFrom?.toISOString() ?? null,
  })),
  attributes: attributes.map(({ code, name, type, unit, value }) => ({ code, name, type, unit, value })),
  categories: categories.map(({ id, handle: path, name }) => ({ id, handle: path, name })),
  ...{ channels, customerGroups },
  translations: translations.map(({ locale, title: translated, description: text }) => ({ locale, title: translated, description: text })),
});
