import type { SearchContent, SearchTranslation } from './search-document.ts';

/** A value that is filtered by, and how it is called. */
export interface TranslatedValue {
  readonly code: string;
  readonly value: string;
  readonly label: string;
}

/** The values of a product's attributes as a translation calls them; what it has no label for is called as it is. */
export const translatedValues = ({ attributes }: Pick<SearchContent, 'attributes'>, translation: Pick<SearchTranslation, 'attributes'>): TranslatedValue[] =>
  attributes.flatMap(({ code, values }) => {
    const labels = translation.attributes.find((attribute) => attribute.code === code)?.labels ?? [];
    return values.map((value, place) => ({ code, value, label: labels[place] ?? value }));
  });
