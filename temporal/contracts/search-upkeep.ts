/** Wire name of the workflow that keeps figures, signals and recommendations up to date, and the id of its schedule. */
export const SEARCH_UPKEEP_WORKFLOW = 'searchUpkeep';
export const SEARCH_UPKEEP_SCHEDULE = 'search-upkeep';

/** Wire name of the workflow that learns how to rank. */
export const LEARN_WEIGHTS_WORKFLOW = 'learnSearchWeights';
/** One at a time. */
export const LEARN_WEIGHTS_WORKFLOW_ID = 'learn-search-weights';

export interface LearnWeightsInput {
  readonly actor: string;
}

/** The steps; all of them can be repeated. */
export interface SearchUpkeepActivities {
  /** Counts searches, clicks and views of the last days, and forgets single ones that are old. */
  rollUpSearches(): Promise<void>;
  /** Reckons what is bought and looked at together; tells how many pairs there are. */
  reckonRecommendations(): Promise<{ bought: number; viewed: number }>;
  /** Learns from what shoppers did and writes a candidate; tells its id. Null: there was too little to learn from, or nothing better was found. */
  learnWeights(input: LearnWeightsInput): Promise<{ weightSetId: string | null }>;
}
