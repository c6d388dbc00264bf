import { foldWords } from '../domain/search/fold-words.ts';

const loaded = new Map<string, Promise<ReadonlySet<string>>>();

/** Words of a language that say nothing about a product, folded; none for a language that the package does not have. Read once. */
export function loadStopWords(language: string): Promise<ReadonlySet<string>> {
  const known = loaded.get(language) ?? read(language);
  loaded.set(language, known);
  return known;
}

async function read(language: string): Promise<ReadonlySet<string>> {
  try {
    const { stopwords } = (await import(`@orama/stopwords/${language}`)) as { readonly stopwords: readonly string[] };
    // "it's" is two words to a search: both stand for nothing.
    return new Set([...stopwords.flatMap(foldWords), 'a']);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return new Set();
    throw error;
  }
}
