import { allFoldedWords, foldText } from '../../../domain/search/fold-words.ts';
import { KEPT_SIGNALS, keptSignals, popularityOf, recencyOf, type RankingSignal } from '../../../domain/search/ranking.ts';
import type { SearchDocument } from '../../../domain/search/search-document.ts';
import { bucketOf } from '../../../domain/search/search-index.ts';
import { translatedValues } from '../../../domain/search/translated-values.ts';
import { configOfLocale } from './word-places.ts';

/** What is between an attribute's code and its value. */
export const VALUE_SEPARATOR = '=';

/** A document as a row is made of it. */
export interface DocumentRow {
  readonly id: string;
  readonly version: number;
  readonly checksum: number;
  readonly bucket: number;
  readonly title: string;
  readonly description: string;
  readonly skus: readonly string[];
  /** By weight, folded: A title and SKUs, B categories and attributes, C the description. */
  readonly a: string;
  readonly b: string;
  readonly c: string;
  readonly fuzzy: string;
  readonly categories: readonly string[];
  readonly attributes: readonly string[];
  readonly numbers: Readonly<Record<string, number>>;
  readonly prices: Readonly<Record<string, { readonly min: number; readonly max: number }>>;
  readonly inStock: boolean;
  readonly popularity: number;
  readonly rating: number | null;
  /** In the order of `KEPT_SIGNALS`. */
  readonly signals: readonly number[];
  readonly model: string | null;
  /** Hexadecimal, as Postgres writes bytes. */
  readonly vector: string | null;
  readonly createdAt: string;
  readonly labels: Labels;
  readonly channelIds: readonly string[] | null;
  readonly groupIds: readonly string[] | null;
  readonly translated: readonly string[];
}

/** Names by handle and by code. */
interface Labels {
  readonly categories: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
  /** By code and value, where a value is called otherwise. */
  readonly values?: Readonly<Record<string, string>>;
}

/** A translation as a row is made of it; `a`, `b`, `c` and `fuzzy` as of the document. */
export interface TranslationRow extends Pick<DocumentRow, 'id' | 'title' | 'description' | 'a' | 'b' | 'c' | 'fuzzy' | 'labels'> {
  readonly locale: string;
  /** The text search configuration of its words. */
  readonly config: string;
}

/** The signals of a row, with recency. */
export const signalsOf = (signals: readonly number[], createdAt: Date, now: Date): Readonly<Record<RankingSignal, number>> => {
  const [sold = 0, viewed = 0, stock = 0, margin = 0, rating = 0] = signals;
  return { sold, viewed, stock, margin, rating, recency: recencyOf(createdAt, now) };
};

/** As a query is taken apart: Postgres would take `bait-1` for a word and a negative number. */
const wordsOf = (...texts: readonly string[]): string => allFoldedWords(texts.join(' ')).join(' ');

/** What is searched for, folded. */
const searched = (title: string, description: string, skus: readonly string[], words: readonly string[]): Pick<DocumentRow, 'a' | 'b' | 'c' | 'fuzzy'> => ({
  a: wordsOf(title, ...skus),
  b: wordsOf(...words),
  c: wordsOf(description),
  fuzzy: foldText([title, ...skus, ...words].join(' ')),
});

const namesOf = ({ categories, attributes }: { readonly categories: SearchDocument['categories']; readonly attributes: readonly { readonly code: string; readonly name: string }[] }): Labels => ({
  categories: Object.fromEntries(categories.map(({ handle, name }) => [handle, name])),
  attributes: Object.fromEntries(attributes.map(({ code, name }) => [code, name])),
});

export function documentRow(document: SearchDocument): DocumentRow {
  const { id, version, checksum, title, description, skus, categories, attributes, prices, inStock, createdAt, signals, vector, channelIds, groupIds, translations } = document;
  const kept = keptSignals(signals);
  const words = [...categories.map(({ name }) => name), ...attributes.flatMap(({ values }) => values)];
  return {
    ...{ id, version, checksum, title, description, skus, inStock, createdAt, channelIds, groupIds },
    ...searched(title, description, skus, words),
    translated: translations.map(({ locale }) => locale),
    bucket: bucketOf(id),
    categories: categories.map(({ handle }) => handle),
    attributes: attributes.flatMap(({ code, values }) => values.map((value) => `${code}${VALUE_SEPARATOR}${value}`)),
    numbers: Object.fromEntries(attributes.flatMap(({ code, number }) => (number === null ? [] : [[code, number]]))),
    prices: Object.fromEntries(prices.map(({ currency, min, max }) => [currency, { min, max }])),
    popularity: popularityOf(signals),
    rating: signals.rating?.average ?? null,
    signals: KEPT_SIGNALS.map((signal) => kept[signal]),
    model: vector?.model ?? null,
    vector: vector && `\\x${Buffer.from(vector.bytes, 'base64').toString('hex')}`,
    labels: namesOf(document),
  };
}

/** A row for each translation of a document. */
export const translationRows = (document: SearchDocument): TranslationRow[] =>
  document.translations.map((translation) => {
    const { locale, title, description, categories } = translation;
    const values = translatedValues(document, translation);
    return {
      ...{ id: document.id, locale, title, description },
      config: configOfLocale(locale),
      ...searched(title, description, document.skus, [...categories.map(({ name }) => name), ...values.map(({ label }) => label)]),
      labels: {
        ...namesOf(translation),
        values: Object.fromEntries(values.flatMap(({ code, value, label }) => (label === value ? [] : [[`${code}${VALUE_SEPARATOR}${value}`, label]]))),
      },
    };
  });
