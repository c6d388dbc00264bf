import { isNoWorse } from '../../domain/search/learned-weights.ts';
import type { MerchandisingStore } from '../../domain/search/merchandising.ts';
import type { RecommendationStore } from '../../domain/search/recommendations.ts';
import type { ShopperEventStore } from '../../domain/search/shopper-event-store.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { WeightLearner } from '../../services/search/learn-search-weights.ts';
import type { SearchUpkeepActivities } from '../../temporal/contracts/search-upkeep.ts';
import { withFailures } from '../failures.ts';
import { whileHeartbeating } from '../heartbeat.ts';

/** Orders that follow a search a day later are counted with it. */
const DAYS = 3;

/** The steps of keeping search up to date. `keepDays`: for so long single searches and events are kept. */
export function createSearchUpkeepActivities(deps: {
  events: ShopperEventStore;
  recommendations: RecommendationStore;
  merchandising: MerchandisingStore;
  learner: WeightLearner;
  newId: IdGenerator;
  keepDays: number;
}): SearchUpkeepActivities {
  const { events, recommendations, merchandising, learner, newId, keepDays } = deps;
  return withFailures({
    rollUpSearches: () =>
      whileHeartbeating(async () => {
        // A day that is forgotten in part must not be counted anew.
        await events.rollUp(Math.min(DAYS, keepDays), keepDays);
        await events.prune(keepDays);
      }),
    reckonRecommendations: () => whileHeartbeating(() => recommendations.reckon(() => undefined)),
    learnWeights: () =>
      whileHeartbeating(async () => {
        const learned = await learner.learn(() => undefined);
        if (learned === null || !isNoWorse(learned.evaluation)) return { weightSetId: null };
        const id = newId('searchWeights');
        await merchandising.insertWeights({ id, ...learned, origin: 'learned' });
        return { weightSetId: id };
      }),
  } satisfies SearchUpkeepActivities);
}
