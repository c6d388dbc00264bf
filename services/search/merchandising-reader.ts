import type { Merchandising, MerchandisingStore } from '../../domain/search/merchandising.ts';
import { languageOfLocale } from '../../domain/search/search-languages.ts';
import type { SearchVocabulary } from '../../domain/search/search-terms.ts';
import { vocabularyOf, type StopWords } from './vocabulary.ts';

/** What merchandisers have said, ready to be followed. */
export type Followed = Merchandising & {
  /** What words mean in a locale; null: among the catalog's own. */
  readonly vocabulary: (locale: string | null) => Promise<SearchVocabulary>;
};

/** Tells it; `at`: as of this moment, with the rules that are not over at that instant. */
export type MerchandisingReader = (wanted?: { readonly at: Date }) => Promise<Followed>;

/** A change is followed after this, in every process. */
const KEEP_MS = 2_000;
/** What is older is waited for: a process that nobody has asked for an hour must not answer as of an hour ago. */
const OLDEST_MS = 4_000;

/**
 * Reads it once for many searches. What cannot be read now stays as it was; before it was ever read, searches wait. `now`:
 * milliseconds of a clock that never goes back; `language`: that the catalog's own words are in.
 */
export function createMerchandisingReader(deps: { store: Pick<MerchandisingStore, 'current'>; language: string; stopWords: (language: string) => Promise<StopWords>; now: () => number; onFailure: (error: unknown) => void }): MerchandisingReader {
  const { store, language, stopWords, now, onFailure } = deps;
  let known: { readonly followed: Followed; readonly readAt: number } | undefined;
  let reading: Promise<Followed> | undefined;

  const NONE: StopWords = new Set();
  async function vocabularyIn({ stopWords: words, synonyms }: Merchandising, wanted: string | null): Promise<SearchVocabulary> {
    const spoken = wanted === null ? language : languageOfLocale(wanted);
    const ofStore = words.filter(({ locale }) => locale === wanted).map(({ word }) => word);
    return vocabularyOf(spoken === undefined ? NONE : await stopWords(spoken), ofStore, synonyms.filter(({ locale }) => locale === wanted));
  }
  function followedOf(current: Merchandising): Followed {
    const made = new Map<string | null, Promise<SearchVocabulary>>();
    return {
      ...current,
      vocabulary(locale) {
        const known = made.get(locale) ?? vocabularyIn(current, locale);
        made.set(locale, known);
        return known;
      },
    };
  }
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
