import { WHOLE_CATALOG } from '../../domain/catalog/audience.ts';
import { rankingQuality, sameWeights, weightSteps, type RankingQuality, type TrainingList, type WeightEvaluation } from '../../domain/search/learned-weights.ts';
import type { MerchandisingStore } from '../../domain/search/merchandising.ts';
import { estimateExamination, gradesOf, NO_BIAS } from '../../domain/search/position-bias.ts';
import { DEFAULT_WEIGHTS, type RankingWeights } from '../../domain/search/ranking.ts';
import type { SearchIndex } from '../../domain/search/search-index.ts';
import { checkSearch, indexQuery } from '../../domain/search/search-query.ts';
import { phraseOf, searchTerms } from '../../domain/search/search-terms.ts';
import type { ShopperEventStore } from '../../domain/search/shopper-event-store.ts';
import type { Followed, MerchandisingReader } from './merchandising-reader.ts';

/** What was learned. */
export interface LearnedWeights {
  readonly weights: RankingWeights;
  readonly evaluation: WeightEvaluation;
}

/** Learns and evaluates weights, away from shoppers. */
export interface WeightLearner {
  /** Null: too few searches had any outcome, or nothing ranks better than what is live. `beat` is called between queries. */
  learn(beat: () => void): Promise<LearnedWeights | null>;
  /** How weights do beside those that are live, on the most asked of what shoppers did and of what was judged. */
  evaluate(weights: RankingWeights, beat: () => void): Promise<WeightEvaluation>;
}

const DAYS = 60;
const MOST_QUERIES = 1_000;
/** When somebody waits for it. */
const MOST_EVALUATED = 100;
const MOST_JUDGEMENTS = 20_000;
/** Of what is found for a query, so many are put into order. */
const CANDIDATES = 50;
/** Fewer queries teach chance. */
const LEAST_QUERIES = 10;
/** Every so many-th query is kept to evaluate on. */
const KEPT_OF = 4;
/** The places whose likelihood of a look is told. */
const TOLD_PLACES = Array.from({ length: 10 }, (_, index) => index + 1);

/** What shoppers did with queries: graded by how likely each place was looked at, and beside it by the clicks as they are. */
interface ShopperLists {
  readonly graded: readonly TrainingList[];
  readonly clicked: readonly TrainingList[];
  /** Of the first places. */
  readonly examined: readonly number[];
}

const NO_WEIGHTS = Object.fromEntries(Object.keys(DEFAULT_WEIGHTS).map((signal) => [signal, 0])) as Record<keyof RankingWeights, number>;

/** Others in the process have their turn between the steps. */
async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Builds it over the engine that is asked first. */
export function createWeightLearner(deps: {
  events: Pick<ShopperEventStore, 'outcomes'>;
  store: Pick<MerchandisingStore, 'judgements'>;
  merchandising: MerchandisingReader;
  index: SearchIndex;
  now: () => Date;
}): WeightLearner {
  const { events, store, merchandising, index, now } = deps;

  /** What the words alone find, with what speaks for each product; `known`: of these only. */
  async function listOf(text: string, locale: string | null, grades: ReadonlyMap<string, number>, followed: Followed, known?: ReadonlySet<string>): Promise<TrainingList> {
    const audience = { ...WHOLE_CATALOG, locale };
    const query = checkSearch({ text, filters: [], sort: 'relevance', first: CANDIDATES, after: null, currency: '', audience, facets: null });
    const at = now();
    const { hits } = await index.search(
      indexQuery(query, { now: at, terms: searchTerms(text, await followed.vocabulary(locale)), ranking: { weights: NO_WEIGHTS, now: at, adjustments: [], hidden: [] } }),
    );
    return { text, grades, candidates: hits.filter(({ id }) => known?.has(id) ?? true).map(({ id, score, signals }) => ({ id, score, signals })) };
  }

  async function shopperLists(followed: Followed, beat: () => void, most: number): Promise<ShopperLists> {
    const outcomes = await events.outcomes(DAYS, most);
    // Shoppers look at places of all queries alike.
    const examination = estimateExamination(outcomes.flatMap(({ shown }) => shown));
    const graded: TrainingList[] = [];
    const clicked: TrainingList[] = [];
    for (const { text, locale, shown } of outcomes) {
      const grades = gradesOf(shown, examination);
      if (grades.size > 0) {
        // What nobody was shown is not bad, but unknown: were it counted as bad, only the ranking that showed the others could win.
        const list = await listOf(text, locale, grades, followed, new Set(shown.map(({ productId }) => productId)));
        graded.push(list);
        clicked.push({ ...list, grades: gradesOf(shown, NO_BIAS) });
      }
      beat();
    }
    return { graded, clicked, examined: TOLD_PLACES.map(examination) };
  }

  async function judgedLists(followed: Followed, beat: () => void, most: number): Promise<TrainingList[]> {
    const byText = Map.groupBy(await store.judgements(MOST_JUDGEMENTS), ({ text }) => phraseOf(text));
    const lists: TrainingList[] = [];
    for (const [text, judgements] of [...byText].slice(0, most)) {
      lists.push(await listOf(text, null, new Map(judgements.map(({ productId, grade }) => [productId, grade])), followed));
      beat();
    }
    return lists;
  }

  function compare(weights: RankingWeights, live: RankingWeights, { graded, clicked, examined }: ShopperLists, judged: readonly TrainingList[]): WeightEvaluation {
    const both = (lists: readonly TrainingList[]): { live: RankingQuality; candidate: RankingQuality } => ({ live: rankingQuality(lists, live), candidate: rankingQuality(lists, weights) });
    return { queries: graded.length, ...both(graded), judged: judged.length === 0 ? null : { queries: judged.length, ...both(judged) }, clicked: both(clicked), examined };
  }

  return {
    async learn(beat) {
      const followed = await merchandising();
      const live = followed.live?.weights ?? DEFAULT_WEIGHTS;
      const lists = await shopperLists(followed, beat, MOST_QUERIES);
      if (lists.graded.length < LEAST_QUERIES) return null;
      const isKept = (_: TrainingList, place: number): boolean => place % KEPT_OF === 0;
      const seen = lists.graded.filter((list, place) => !isKept(list, place));
      const weights = await inTurns(weightSteps(seen, live));
      if (sameWeights(weights, live)) return null;
      const kept = { ...lists, graded: lists.graded.filter(isKept), clicked: lists.clicked.filter(isKept) };
      return { weights, evaluation: compare(weights, live, kept, await judgedLists(followed, beat, MOST_QUERIES)) };
    },
    async evaluate(weights, beat) {
      const followed = await merchandising();
      return compare(weights, followed.live?.weights ?? DEFAULT_WEIGHTS, await shopperLists(followed, beat, MOST_EVALUATED), await judgedLists(followed, beat, MOST_EVALUATED));
    },
  };
}
