import type { AttributeContent, AttributeType, AttributeValue } from '../../../domain/catalog/attribute.ts';
import type { CategoryTree } from '../../../domain/catalog/category.ts';
import type { ProductSelection } from '../../../domain/catalog/product-query.ts';
import type { Product, ProductStatus, SelectedOption, Variant, StockPolicy, VariantPrice } from '../../../domain/catalog/product.ts';
import type { StatementValues } from './statement-values.ts';

/**
 * A product in one row: its lists come as JSON arrays, whose entries are arrays again, because names of keys would be most of
 * the bytes that Postgres writes and Node parses. Columns of parts that are not selected are absent.
 */
export interface ProductRow {
  readonly id: string;
  readonly handle: string;
  readonly title: string;
  readonly description: string;
  readonly status: ProductStatus;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly images?: readonly ImageEntry[] | null;
  readonly options?: readonly OptionEntry[] | null;
  readonly variants?: readonly VariantEntry[] | null;
  readonly attributes?: readonly AttributeEntry[] | null;
  readonly categoryIds?: readonly string[] | null;
}

type ImageEntry = readonly [id: string, url: string, alt: string];
type OptionEntry = readonly [id: string, name: string, values: readonly string[] | null];
type PriceEntry = readonly [currency: string, amount: number, compareAtAmount: number | null];
type SelectedOptionEntry = readonly [name: string, value: string];
type AttributeEntry = readonly [code: string, name: string, type: AttributeType, unit: string | null, value: AttributeContent];
type VariantEntry = readonly [
  id: string,
  sku: string,
  title: string,
  taxCategory: string,
  weightGrams: number | null,
  active: boolean,
  prices: readonly PriceEntry[] | null,
  selectedOptions: readonly SelectedOptionEntry[] | null,
  available: number | null,
  stockPolicy: StockPolicy,
  availableFromMs: number | null,
];

const SCALARS = `p.id, p.handle, p.title, p.description, p.status, p.version,
  (extract(epoch FROM p.created_at) * 1000)::float8 AS "createdMs",
  (extract(epoch FROM p.updated_at) * 1000)::float8 AS "updatedMs"`;

const IMAGES = `(SELECT json_agg(json_build_array(i.id, i.url, i.alt) ORDER BY i.position)
  FROM product_images i WHERE i.product_id = p.id) AS images`;

const OPTIONS = `(SELECT json_agg(json_build_array(o.id, o.name,
    (SELECT json_agg(x.value ORDER BY x.position) FROM product_option_values x WHERE x.option_id = o.id)) ORDER BY o.position)
  FROM product_options o WHERE o.product_id = p.id) AS options`;

const ATTRIBUTES = `(SELECT json_agg(json_build_array(a.code, a.name, a.type, a.unit, x.value) ORDER BY a.id)
  FROM product_attribute_values x JOIN attributes a ON a.id = x.attribute_id WHERE x.product_id = p.id) AS attributes`;

const CATEGORY_IDS = `(SELECT json_agg(x.category_id ORDER BY x.category_id)
  FROM product_categories x WHERE x.product_id = p.id) AS "categoryIds"`;

const SELECTED_OPTIONS = `(SELECT json_agg(json_build_array(o.name, ov.value) ORDER BY o.position)
  FROM variant_option_values x JOIN product_option_values ov ON ov.id = x.option_value_id
  JOIN product_options o ON o.id = ov.option_id WHERE x.variant_id = v.id)`;

/** Units of a variant that can be sold: as many as the scarcest of its items allows; null when its stock is not tracked. */
export const AVAILABLE = `CASE WHEN v.track_inventory THEN coalesce((SELECT min(item.units) FROM (
    SELECT coalesce(sum(l.on_hand - l.allocated - l.held), 0) / vi.quantity AS units
    FROM variant_inventory_items vi LEFT JOIN stock_levels l ON l.inventory_item_id = vi.inventory_item_id
    WHERE vi.variant_id = v.id GROUP BY vi.inventory_item_id, vi.quantity) item), 0) END`;

function variantsColumn({ parts, currencies, inactiveVariants }: ProductSelection, values: StatementValues): string {
  const inCurrencies = currencies === null ? '' : ` AND r.currency = ANY(${parts.has('prices') ? values.add(currencies) : ''})`;
  const prices = `(SELECT json_agg(json_build_array(r.currency, r.amount, r.compare_at_amount) ORDER BY r.currency)
    FROM prices r WHERE r.variant_id = v.id${inCurrencies})`;
  const entry = [
    'v.id, v.sku, v.title, v.tax_category, v.weight_grams, v.active',
    parts.has('prices') ? prices : 'NULL',
    parts.has('selectedOptions') ? SELECTED_OPTIONS : 'NULL',
    parts.has('stock') ? AVAILABLE : 'NULL',
    'v.stock_policy, (extract(epoch FROM v.available_from) * 1000)::float8',
  ];
  return `(SELECT json_agg(json_build_array(${entry.join(', ')}) ORDER BY v.position, v.id)
    FROM variants v WHERE v.product_id = p.id${inactiveVariants ? '' : ' AND v.active'}) AS variants`;
}

/** The columns of a `ProductRow` of the products `p`. */
export function productColumns(selection: ProductSelection, values: StatementValues): string {
  const { parts } = selection;
  const columns = [SCALARS];
  if (parts.has('images')) columns.push(IMAGES);
  if (parts.has('options')) columns.push(OPTIONS);
  if (parts.has('variants')) columns.push(variantsColumn(selection, values));
  if (parts.has('attributes')) columns.push(ATTRIBUTES);
  if (parts.has('categories')) columns.push(CATEGORY_IDS);
  return columns.join(',\n  ');
}

const toPrice = ([currency, amount, compareAtAmount]: PriceEntry): VariantPrice => ({ currency, amount, compareAtAmount });
const toSelectedOption = ([name, value]: SelectedOptionEntry): SelectedOption => ({ name, value });

const toVariant = ([
  id,
  sku,
  title,
  taxCategory,
  weightGrams,
  active,
  prices,
  selectedOptions,
  available,
  stockPolicy,
  availableFromMs,
]: VariantEntry): Variant => ({
  id,
  sku,
  title,
  taxCategory,
  weightGrams,
  active,
  prices: prices?.map(toPrice) ?? [],
  selectedOptions: selectedOptions?.map(toSelectedOption) ?? [],
  available,
  stockPolicy,
  availableFrom: availableFromMs === null ? null : new Date(availableFromMs),
});

const toAttributeValue = ([code, name, type, unit, value]: AttributeEntry): AttributeValue => ({ code, name, type, unit, value });

/** `categories`: needed only for rows that have category ids. */
export const toProduct = (row: ProductRow, categories: CategoryTree | undefined): Product => ({
  id: row.id,
  handle: row.handle,
  title: row.title,
  description: row.description,
  status: row.status,
  version: row.version,
  createdAt: new Date(row.createdMs),
  updatedAt: new Date(row.updatedMs),
  images: row.images?.map(([id, url, alt]) => ({ id, url, alt })) ?? [],
  options: row.options?.map(([id, name, optionValues]) => ({ id, name, values: optionValues ?? [] })) ?? [],
  variants: row.variants?.map(toVariant) ?? [],
  attributes: row.attributes?.map(toAttributeValue) ?? [],
  categories: row.categoryIds?.flatMap((id) => categories?.find(id) ?? []) ?? [],
});
