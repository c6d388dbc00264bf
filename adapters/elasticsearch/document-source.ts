import { allFoldedWords, foldText } from '../../domain/search/fold-words.ts';
import { canBeMisspelt } from '../../domain/search/misspelling.ts';
import { keptSignals, popularityOf, type KeptSignals } from '../../domain/search/ranking.ts';
import type { SearchDocument, SearchTranslation } from '../../domain/search/search-document.ts';
import { bucketOf } from '../../domain/search/search-index.ts';
import { translatedValues } from '../../domain/search/translated-values.ts';
import { localeWord } from './corrections.ts';
import { LABEL_SEPARATOR, SEPARATOR } from './index-definition.ts';

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
  readonly translated_vocabulary: readonly string[];
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
  readonly channel_ids?: readonly string[];
  readonly group_ids?: readonly string[];
  readonly translated: readonly string[];
  readonly texts: Readonly<Record<string, TranslatedTexts>>;
  /** Two hexadecimal digits for each signed byte. */
  readonly vector?: string;
}

/** A translation as it is stored: folded, as it is looked for, so that stems are of what is typed; `shown` as it was written. */
export interface TranslatedTexts {
  readonly title: string;
  readonly description: string;
  readonly words: readonly string[];
  readonly shown: { readonly title: string; readonly description: string };
  readonly category_labels: readonly string[];
  readonly attribute_labels: readonly string[];
  /** Of values that are called otherwise. */
  readonly value_labels: readonly string[];
}

function translatedTexts(document: SearchDocument, translation: SearchTranslation): TranslatedTexts {
  const { title, description, categories, attributes } = translation;
  const values = translatedValues(document, translation);
  return {
    title: foldText(title),
    description: foldText(description),
    words: [...categories.map(({ name }) => name), ...values.map(({ label }) => label)].map(foldText),
    shown: { title, description },
    category_labels: categories.map(({ handle, name }) => `${handle}${SEPARATOR}${name}`),
    attribute_labels: attributes.map(({ code, name }) => `${code}${SEPARATOR}${name}`),
    value_labels: values.flatMap(({ code, value, label }) => (label === value ? [] : [`${code}${SEPARATOR}${value}${LABEL_SEPARATOR}${label}`])),
  };
}

const vocabularyOf = ({ title, words }: TranslatedTexts): string[] => [...new Set(allFoldedWords([title, ...words].join(' ')))].filter(canBeMisspelt);

/** `model`: whose vectors the index takes. */
export function documentSource(document: SearchDocument, model: string | null): DocumentSource {
  const { id, checksum, title, description, skus, categories, attributes, prices, inStock, channelIds, groupIds, translations, createdAt, signals, vector } = document;
  const texts = translations.map((translation): [string, TranslatedTexts] => [translation.locale, translatedTexts(document, translation)]);
  const words = [...categories.map(({ name }) => name), ...attributes.flatMap(({ values }) => values)];
  return {
    ...{ id, checksum, title, description, skus },
    bucket: bucketOf(id),
    words,
    vocabulary: [title, ...words],
    translated_vocabulary: texts.flatMap(([locale, translated]) => vocabularyOf(translated).map((word) => localeWord(locale, word))),
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
    ...(channelIds && { channel_ids: channelIds }),
    ...(groupIds && { group_ids: groupIds }),
    translated: texts.map(([locale]) => locale),
    texts: Object.fromEntries(texts),
    ...(vector !== null && vector.model === model && { vector: Buffer.from(vector.bytes, 'base64').toString('hex') }),
  };
}
