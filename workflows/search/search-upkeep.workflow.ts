import { proxyActivities } from '@temporalio/workflow';
import type { LearnWeightsInput, SearchUpkeepActivities } from '../../temporal/contracts/search-upkeep.ts';

const { rollUpSearches, reckonRecommendations, learnWeights } = proxyActivities<SearchUpkeepActivities>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: '30s',
  // What fails for longer is done by the next run of the schedule.
  retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 5 },
});

/** Brings figures, signals and recommendations up to date. Run by the schedule `search-upkeep`. */
export async function searchUpkeep(): Promise<{ bought: number; viewed: number }> {
  await rollUpSearches();
  return reckonRecommendations();
}

/** Learns how to rank from what shoppers did. Nothing ranks otherwise before somebody activates what was learned. */
export async function learnSearchWeights(input: LearnWeightsInput): Promise<{ weightSetId: string | null }> {
  return learnWeights(input);
}
