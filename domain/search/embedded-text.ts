import type { SearchContent } from './search-document.ts';

/** Characters of a description that say what a product is; a model reads about as many. */
const DESCRIPTION_LENGTH = 600;

/** What of a product an embedder reads: not its price or stock, so that those do not change its meaning. */
export const embeddedText = ({ title, description, categories, attributes }: Pick<SearchContent, 'title' | 'description' | 'categories' | 'attributes'>): string =>
  [
    title,
    ...categories.map(({ name }) => name),
    ...attributes.flatMap(({ name, values, number }) => (number === null ? values : [`${name} ${values.join(' ')}`])),
    description.slice(0, DESCRIPTION_LENGTH),
  ]
    .filter((part) => part !== '')
    .join('. ');
