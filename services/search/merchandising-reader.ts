import type { Merchandising, MerchandisingStore } from '../../domain/search/merchandising.ts';
import type { SearchVocabulary } from '../../domain/search/search-terms.ts';
import { vocabularyOf, type StopWords } from './vocabulary.ts';

/** What merchandisers have said, ready to be followed. */
export type Followed = Merchandising & { readonly vocabulary: SearchVocabulary };

/** A change is followed after this, in every process. */
const KEEP_MS = 2_000;

/**
 * Reads it once for many searches. What cannot be read now stays as it was; before it was ever read, searches wait. `now`:
 * milliseconds of a clock that never goes back.
 */
export function createMerchandisingReader(deps: { store: MerchandisingStore; stopWords: StopWords; now: () => number; onFailure: (error: unknown) => void }): () => Promise<Followed> {
  const { store, stopWords, now, onFailure } = deps;
  let known: { readonly followed: Followed; readonly until: number } | undefined;
  let reading: Promise<Followed> | undefined;

  const read = async (): Promise<Followed> => {
    const current = await store.current();
    const followed = { ...current, vocabulary: vocabularyOf(stopWords, current.stopWords, current.synonyms) };
    known = { followed, until: now() + KEEP_MS };
    return followed;
  };

  return async () => {
    if (known && now() < known.until) return known.followed;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    if (!known) return reading;
    // Nobody waits for what is only a little newer.
    reading.catch(onFailure);
    return known.followed;
  };
}
