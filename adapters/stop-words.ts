import { foldWords } from '../domain/search/fold-words.ts';

/** Words of a language that say nothing about a product, folded; none for a language that the package does not have. */
export async function loadStopWords(language: string): Promise<ReadonlySet<string>> {
  try {
    const { stopwords } = (await import(`@orama/stopwords/${language}`)) as { readonly stopwords: readonly string[] };
    // "it's" is two words to a search: both stand for nothing.
    return new Set([...stopwords.flatMap(foldWords), 'a']);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return new Set();
    throw error;
  }
}
