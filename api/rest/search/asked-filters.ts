import { invalid } from '../../../domain/shared/errors.ts';

type Query = Readonly<Record<string, string>>;

const listOf = (text: string): string[] => text.split(',').filter((value) => value !== '');

/** A number of the query. Raises INVALID_INPUT naming it. */
function numberOf(text: string, name: string, pattern: RegExp): number {
  if (!pattern.test(text)) throw invalid(name, 'Must be a number');
  return Number(text);
}
const WHOLE = /^\d{1,9}$/;
const DECIMAL = /^-?\d{1,15}(\.\d{1,10})?$/;

/** The bounds `2..5`, `2..` or `..5`. Raises INVALID_INPUT naming the parameter. */
function rangeOf(text: string, name: string): { min?: number; max?: number } {
  const [, min = '', max = ''] = /^(.*?)\.\.(.*)$/.exec(text) ?? [];
  if (min === '' && max === '') throw invalid(name, 'Must be as 2..5, 2.. or ..5');
  return { ...(min === '' ? {} : { min: numberOf(min, name, DECIMAL) }), ...(max === '' ? {} : { max: numberOf(max, name, DECIMAL) }) };
}

/** Prices in one filter: something of a product costs what is asked for. */
function priceOf({ minPrice, maxPrice }: Query): Record<string, unknown>[] {
  if (minPrice === undefined && maxPrice === undefined) return [];
  return [
    {
      price: {
        ...(minPrice === undefined ? {} : { min: numberOf(minPrice, 'minPrice', WHOLE) }),
        ...(maxPrice === undefined ? {} : { max: numberOf(maxPrice, 'maxPrice', WHOLE) }),
      },
    },
  ];
}

/**
 * The filters of the schema that a query string asks for: `category=kitchen,garden`, `attribute.colour=red,black`, `range.volume=250..`,
 * `minPrice` and `maxPrice` in minor units, `inStock=true`, `rating=4`. Raises INVALID_INPUT naming the parameter.
 */
export function askedFilters(query: Query): Record<string, unknown>[] {
  const { category, inStock, rating } = query;
  if (inStock !== undefined && inStock !== 'true' && inStock !== 'false') throw invalid('inStock', 'Must be true or false');
  const named = (prefix: string) => Object.entries(query).flatMap(([name, value]) => (name.startsWith(prefix) ? [{ name, code: name.slice(prefix.length), value }] : []));
  return [
    ...(category === undefined ? [] : [{ category: listOf(category) }]),
    ...named('attribute.').map(({ code, value }) => ({ attribute: { code, values: listOf(value) } })),
    ...named('range.').map(({ name, code, value }) => ({ range: { code, ...rangeOf(value, name) } })),
    ...priceOf(query),
    ...(inStock === 'true' ? [{ inStock: true }] : []),
    ...(rating === undefined ? [] : [{ rating: numberOf(rating, 'rating', DECIMAL) }]),
  ];
}

/** A list in one parameter; absent when it is. */
export const askedList = (query: Query, name: string): Record<string, string[]> => {
  const text = query[name];
  return text === undefined ? {} : { [name]: listOf(text) };
};
