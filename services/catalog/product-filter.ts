import type { Attribute } from '../../domain/catalog/attribute.ts';
import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import type { Audience } from '../../domain/catalog/audience.ts';
import type { Channel } from '../../domain/catalog/channel.ts';
import { checkInteger, checkOneOf } from '../../domain/catalog/field-checks.ts';
import type { AttributeCriterion, AttributeFilter, ProductCriteria, ProductFilter } from '../../domain/catalog/product-query.ts';
import { invalid } from '../../domain/shared/errors.ts';
import { MAX_AMOUNT } from '../../domain/shared/money.ts';

const MAX_SEARCH = 200;
const MAX_WORDS = 10;
const MAX_HANDLES = 100;
const MAX_ATTRIBUTES = 10;
const MAX_VALUES = 50;
/** The database cannot store it in a text. */
const NUL = '\0';

/** The filter, checked and resolved. Raises INVALID_INPUT naming the field: `filter.attributes.0.code`. */
export async function resolveFilter(
  store: Pick<CatalogStore, 'attributesByCode'>,
  filter: ProductFilter,
  channel: Channel,
  audience: Audience,
): Promise<ProductCriteria> {
  const { category, handles, inStock, status, attributes } = filter;
  if (filter.currency != null) checkOneOf(filter.currency, channel.currencies, 'filter.currency');
  if (category?.includes(NUL)) throw invalid('filter.category', 'Is not a handle');
  if (handles != null && (handles.length > MAX_HANDLES || handles.some((handle) => handle.includes(NUL)))) {
    throw invalid('filter.handles', `Must be at most ${MAX_HANDLES} handles`);
  }
  const price = priceBounds(filter, channel);
  return {
    audience,
    words: searchWords(filter.search ?? ''),
    ...(category != null && { category }),
    ...(handles != null && { handles }),
    ...(price && { price }),
    ...(inStock != null && { inStock }),
    attributes: attributes == null || attributes.length === 0 ? [] : await resolveAttributes(store, attributes),
    ...(status != null && { status }),
  };
}

function searchWords(search: string): string[] {
  if (search.length > MAX_SEARCH || search.includes(NUL))
    throw invalid('filter.search', `Must be a text of at most ${MAX_SEARCH} characters`);
  const words = search.split(/\s+/u).filter((word) => word !== '');
  if (words.length > MAX_WORDS) throw invalid('filter.search', `Must have at most ${MAX_WORDS} words`);
  return words;
}

function priceBounds({ minPrice, maxPrice, currency }: ProductFilter, channel: Channel): ProductCriteria['price'] {
  if (minPrice == null && maxPrice == null) return undefined;
  if (minPrice != null) checkInteger(minPrice, 'filter.minPrice', 0, MAX_AMOUNT);
  if (maxPrice != null) checkInteger(maxPrice, 'filter.maxPrice', minPrice ?? 0, MAX_AMOUNT);
  return { currency: currency ?? channel.defaultCurrency, min: minPrice ?? null, max: maxPrice ?? null };
}

async function resolveAttributes(
  store: Pick<CatalogStore, 'attributesByCode'>,
  filters: readonly AttributeFilter[],
): Promise<AttributeCriterion[]> {
  if (filters.length > MAX_ATTRIBUTES) throw invalid('filter.attributes', `Must be at most ${MAX_ATTRIBUTES} attributes`);
  const codes = filters.map(({ code }, index) => {
    if (code.includes(NUL)) throw invalid(`filter.attributes.${index}.code`, 'There is no such attribute');
    return code;
  });
  const known = new Map((await store.attributesByCode(codes)).map((attribute) => [attribute.code, attribute]));
  return filters.map((filter, index) => {
    const attribute = known.get(filter.code);
    if (!attribute) throw invalid(`filter.attributes.${index}.code`, 'There is no such attribute');
    return resolveAttribute(attribute, filter, `filter.attributes.${index}`);
  });
}

function resolveAttribute(attribute: Attribute, { values, min, max }: AttributeFilter, field: string): AttributeCriterion {
  const attributeId = attribute.id;
  if (attribute.type === 'number') {
    if (values != null) throw invalid(`${field}.values`, `${attribute.code} is a number: give min and max`);
    if (min == null && max == null) throw invalid(`${field}.min`, 'Give min, max, or both');
    return { attributeId, kind: 'between', min: min ?? null, max: max ?? null };
  }
  if (min != null || max != null)
    throw invalid(`${field}.${min == null ? 'max' : 'min'}`, `${attribute.code} is not a number: give values`);
  if (values == null || values.length === 0 || values.length > MAX_VALUES)
    throw invalid(`${field}.values`, `Must be 1 to ${MAX_VALUES} values`);
  values.forEach((value, index) => {
    if (value.includes(NUL)) throw invalid(`${field}.values.${index}`, 'Is not a text');
  });
  if (attribute.type === 'multiselect') return { attributeId, kind: 'has_any', options: values };
  if (attribute.type !== 'boolean') return { attributeId, kind: 'any_of', values };
  const booleans = values.map((value, index) => checkOneOf(value, ['true', 'false'], `${field}.values.${index}`) === 'true');
  return { attributeId, kind: 'any_of', values: booleans };
}
