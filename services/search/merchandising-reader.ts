import type { Merchandising, MerchandisingStore } from '../../domain/search/merchandising.ts';
import type { SearchVocabulary } from '../../domain/search/search-terms.ts';
import { vocabularyOf, type StopWords } from './vocabulary.ts';

/** What merchandisers have said, ready to be followed. */
export type Followed = Merchandising & { readonly vocabulary: SearchVocabulary };

/** Tells it; `at`: as of this moment, with the rules that are not over at that instant. */
export type MerchandisingReader = (wanted?: { readonly at: Date }) => Promise<Followed>;

/** A change is followed after this, in every process. */
const KEEP_MS = 2_000;
/** What is older is waited for: a process that nobody has asked for an hour must not answer as of an hour ago. */
const OLDEST_MS = 4_000;

/**
 * Reads it once for many searches. What cannot be read now stays as it was; before it was ever read, searches wait. `now`:
 * milliseconds of a clock that never goes back.
 */
export function createMerchandisingReader(deps: { store: Pick<MerchandisingStore, 'current'>; stopWords: StopWords; now: () => number; onFailure: (error: unknown) => void }): MerchandisingReader {
  const { store, stopWords, now, onFailure } = deps;
  let known: { readonly followed: Followed; readonly readAt: number } | undefined;
  let reading: Promise<Followed> | undefined;

  const followedOf = (current: Merchandising): Followed => ({ ...current, vocabulary: vocabularyOf(stopWords, current.stopWords, current.synonyms) });
  const read = async (): Promise<Followed> => {
    const readAt = now();
    const followed = followedOf(await store.current());
    known = { followed, readAt };
    return followed;
  };

  return async (wanted) => {
    if (wanted) return followedOf(await store.current(wanted.at));
    const last = known;
    if (last && now() < last.readAt + KEEP_MS) return last.followed;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    if (!last) return reading;
    const anew = reading.catch((error: unknown) => {
      onFailure(error);
      return last.followed;
    });
    // Nobody waits for what is only a little newer.
    return now() < last.readAt + OLDEST_MS ? last.followed : anew;
  };
}
