import { keptSignals, popularityOf, type KeptSignals } from '../../domain/search/ranking.ts';
import type { SearchDocument } from '../../domain/search/search-document.ts';
import { bucketOf } from '../../domain/search/search-index.ts';
import { SEPARATOR } from './index-definition.ts';

/** A document as it is stored. */
export interface DocumentSource {
  /** To sort by: `_id` cannot be. */
  readonly id: string;
  readonly checksum: number;
  readonly bucket: number;
  readonly title: string;
  readonly description: string;
  readonly skus: readonly string[];
  readonly words: readonly string[];
  /** What misspelt words may have been. */
  readonly vocabulary: readonly string[];
  readonly categories: readonly string[];
  readonly category_labels: readonly string[];
  readonly attribute_labels: readonly string[];
  readonly attributes: readonly string[];
  readonly numbers: Readonly<Record<string, number>>;
  readonly prices: Readonly<Record<string, { readonly min: number; readonly max: number }>>;
  readonly in_stock: boolean;
  readonly popularity: number;
  readonly rating: number | null;
  readonly signals: KeptSignals;
  readonly created_at: string;
  /** Two hexadecimal digits for each signed byte. */
  readonly vector?: string;
}

/** `model`: whose vectors the index takes. */
export const documentSource = (
  { id, checksum, title, description, skus, categories, attributes, prices, inStock, createdAt, signals, vector }: SearchDocument,
  model: string | null,
): DocumentSource => {
  const words = [...categories.map(({ name }) => name), ...attributes.flatMap(({ values }) => values)];
  return {
    ...{ id, checksum, title, description, skus },
    bucket: bucketOf(id),
    words,
    vocabulary: [title, ...words],
    categories: categories.map(({ handle }) => handle),
    category_labels: categories.map(({ handle, name }) => `${handle}${SEPARATOR}${name}`),
    attribute_labels: attributes.map(({ code, name }) => `${code}${SEPARATOR}${name}`),
    attributes: attributes.flatMap(({ code, values }) => values.map((value) => `${code}${SEPARATOR}${value}`)),
    numbers: Object.fromEntries(attributes.flatMap(({ code, number }) => (number === null ? [] : [[code, number]]))),
    prices: Object.fromEntries(prices.map(({ currency, min, max }) => [currency, { min, max }])),
    in_stock: inStock,
    popularity: popularityOf(signals),
    rating: signals.rating?.average ?? null,
    signals: keptSignals(signals),
    created_at: createdAt,
    ...(vector !== null && vector.model === model && { vector: Buffer.from(vector.bytes, 'base64').toString('hex') }),
  };
};
