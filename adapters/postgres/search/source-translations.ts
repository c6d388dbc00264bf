import type { Category } from '../../../domain/catalog/category.ts';
import type { SearchAttribute, SearchTranslation } from '../../../domain/search/search-document.ts';
import { labelOf } from '../catalog/attribute-rows.ts';

/** The words that a product itself has in a locale; null: as in the catalog. */
export type ProductWords = readonly [locale: string, title: string | null, description: string | null];

/** A category's name, or the name and labels of an attribute's values, in a locale; null: as in the catalog. */
export interface VocabularyWords {
  readonly key: string;
  readonly locale: string;
  readonly name: string | null;
  /** Of an attribute: value → label. */
  readonly labels: Readonly<Record<string, string>>;
}

/** By id of the category or code of the attribute, then by locale. */
export type Vocabulary = ReadonlyMap<string, ReadonlyMap<string, VocabularyWords>>;

/** Finds words by what they are of. */
export function vocabularyOf(words: readonly VocabularyWords[]): Vocabulary {
  const vocabulary = new Map<string, Map<string, VocabularyWords>>();
  for (const entry of words) vocabulary.set(entry.key, (vocabulary.get(entry.key) ?? new Map<string, VocabularyWords>()).set(entry.locale, entry));
  return vocabulary;
}

/** A product as it is in the catalog's own words. */
interface Told {
  readonly title: string;
  readonly description: string;
  readonly categories: readonly Category[];
  readonly attributes: readonly SearchAttribute[];
  /** Of its variants; they have no translations. */
  readonly options: readonly SearchAttribute[];
}

/** The product in every locale that it, one of its categories or one of its attributes has words in; what has none stands in the catalog's. */
export function translationsOf(own: readonly ProductWords[], { title, description, categories, attributes, options }: Told, ofCategories: Vocabulary, ofAttributes: Vocabulary): SearchTranslation[] {
  const locales = new Set(own.map(([locale]) => locale));
  for (const { id } of categories) for (const [locale, { name }] of ofCategories.get(id) ?? []) if (name !== null) locales.add(locale);
  for (const { code, values } of attributes) {
    for (const [locale, words] of ofAttributes.get(code) ?? []) {
      if (words.name !== null || values.some((value) => labelOf(words.labels, value) !== undefined)) locales.add(locale);
    }
  }
  return [...locales].sort().map((locale) => {
    const [, ownTitle, ownDescription] = own.find(([candidate]) => candidate === locale) ?? [locale, null, null];
    return {
      locale,
      title: ownTitle ?? title,
      description: ownDescription ?? description,
      categories: categories.map(({ id, handle, name }) => ({ handle, name: ofCategories.get(id)?.get(locale)?.name ?? name })),
      attributes: [
        ...attributes.map(({ code, name, values }) => {
          const words = ofAttributes.get(code)?.get(locale);
          return { code, name: words?.name ?? name, labels: values.map((value) => labelOf(words?.labels, value) ?? value) };
        }),
        ...options.map(({ code, name, values }) => ({ code, name, labels: values })),
      ],
    };
  });
}
