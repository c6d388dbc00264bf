import type { AttributeContent, AttributeType, AttributeValue } from '../../../domain/catalog/attribute.ts';
import type { CategoryTree } from '../../../domain/catalog/category.ts';
import type { ProductSelection } from '../../../domain/catalog/product-query.ts';
import type { ProductTranslation } from '../../../domain/catalog/translation.ts';
import type { Product, ProductStatus, SelectedOption, Variant, StockPolicy, VariantPrice } from '../../../domain/catalog/product.ts';
import { labelOf } from './attribute-rows.ts';
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
  readonly channels?: readonly string[] | null;
  readonly customerGroups?: readonly string[] | null;
  readonly translations?: readonly ProductTranslation[] | null;
}

type ImageEntry = readonly [id: string, url: string, alt: string];
type OptionEntry = readonly [id: string, name: string, values: readonly string[] | null];
type PriceEntry = readonly [currency: string, amount: number, compareAtAmount: number | null];
type SelectedOptionEntry = readonly [name: string, value: string];
type AttributeEntry = readonly [
  code: string,
  name: string,
  type: AttributeType,
  unit: string | null,
  value: AttributeContent,
  labels: Readonly<Record<string, string>> | null,
];
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

/** `p` in the words of a locale, where it has any; `locale`: the placeholder. */
export const translated = (locale: string): string => ` LEFT JOIN product_translations t ON t.product_id = p.id AND t.locale = ${locale}`;
export const title = (locale: string | null): string => (locale === null ? 'p.title' : 'coalesce(t.title, p.title)');
export const description = (locale: string | null): string => (locale === null ? 'p.description' : 'coalesce(t.description, p.description)');

const SCALARS = `p.id, p.handle, p.status, p.version,
  (extract(epoch FROM p.created_at) * 1000)::float8 AS "createdMs",
  (extract(epoch FROM p.updated_at) * 1000)::float8 AS "updatedMs"`;

const IMAGES = `(SELECT json_agg(json_build_array(i.id, i.url, i.alt) ORDER BY i.position)
  FROM product_images i WHERE i.product_id = p.id) AS images`;

const OPTIONS = `(SELECT json_agg(json_build_array(o.id, o.name,
    (SELECT json_agg(x.value ORDER BY x.position) FROM product_option_values x WHERE x.option_id = o.id)) ORDER BY o.position)
  FROM product_options o WHERE o.product_id = p.id) AS options`;

/** `locale`: a placeholder; null: the catalog's own words. */
const attributes = (locale: string | null): string =>
  `(SELECT json_agg(json_build_array(a.code, ${locale === null ? 'a.name' : 'coalesce(w.name, a.name)'}, a.type, a.unit, x.value, ${locale === null ? 'NULL' : 'w.labels'}) ORDER BY a.id)
  FROM product_attribute_values x JOIN attributes a ON a.id = x.attribute_id${locale === null ? '' : ` LEFT JOIN attribute_translations w ON w.attribute_id = a.id AND w.locale = ${locale}`}
  WHERE x.product_id = p.id) AS attributes`;

const CHANNELS = `(SELECT json_agg(c.code ORDER BY c.code) FROM product_channels x JOIN channels c ON c.id = x.channel_id WHERE x.product_id = p.id) AS channels`;
const CUSTOMER_GROUPS = `(SELECT json_agg(g.code ORDER BY g.code) FROM product_customer_groups x JOIN customer_groups g ON g.id = x.group_id
  WHERE x.product_id = p.id) AS "customerGroups"`;
const TRANSLATIONS = `(SELECT json_agg(json_build_object('locale', x.locale, 'title', x.title, 'description', x.description) ORDER BY x.locale)
  FROM product_translations x WHERE x.product_id = p.id) AS translations`;

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

function variantsColumn({ parts, currencies, inactiveVariants }: ProductSelection, locale: string | null, values: StatementValues): string {
  const inCurrencies = currencies === null ? '' : ` AND r.currency = ANY(${parts.has('prices') ? values.add(currencies) : ''})`;
  const prices = `(SELECT json_agg(json_build_array(r.currency, r.amount, r.compare_at_amount) ORDER BY r.currency)
    FROM prices r WHERE r.variant_id = v.id${inCurrencies})`;
  const entry = [
    // One that is called as its product is called so in every locale.
    `v.id, v.sku, ${locale === null ? 'v.title' : `CASE WHEN v.title = p.title THEN ${title(locale)} ELSE v.title END`}, v.tax_category, v.weight_grams, v.active`,
    parts.has('prices') ? prices : 'NULL',
    parts.has('selectedOptions') ? SELECTED_OPTIONS : 'NULL',
    parts.has('stock') ? AVAILABLE : 'NULL',
    'v.stock_policy, (extract(epoch FROM v.available_from) * 1000)::float8',
  ];
  return `(SELECT json_agg(json_build_array(${entry.join(', ')}) ORDER BY v.position, v.id)
    FROM variants v WHERE v.product_id = p.id${inactiveVariants ? '' : ' AND v.active'}) AS variants`;
}

/** The columns of a `ProductRow` of the products `p`, which are `translated` when there is a placeholder of a locale. */
export function productColumns(selection: ProductSelection, locale: string | null, values: StatementValues): string {
  const { parts } = selection;
  const columns = [SCALARS, `${title(locale)} AS title, ${description(locale)} AS description`];
  if (parts.has('images')) columns.push(IMAGES);
  if (parts.has('options')) columns.push(OPTIONS);
  if (parts.has('variants')) columns.push(variantsColumn(selection, locale, values));
  if (parts.has('attributes')) columns.push(attributes(locale));
  if (parts.has('categories')) columns.push(CATEGORY_IDS);
  if (parts.has('channels')) columns.push(CHANNELS);
  if (parts.has('customerGroups')) columns.push(CUSTOMER_GROUPS);
  if (parts.has('translations')) columns.push(TRANSLATIONS);
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

const toAttributeValue = ([code, name, type, unit, value, labels]: AttributeEntry): AttributeValue => {
  const texts = Array.isArray(value) ? value.map(String) : [String(value)];
  return { code, name, type, unit, value, labels: texts.map((text) => labelOf(labels, text) ?? text) };
};

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
  channels: row.channels ?? [],
  customerGroups: row.customerGroups ?? [],
  translations: row.translations ?? [],
});
