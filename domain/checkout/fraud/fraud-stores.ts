import type { FraudListStore } from './fraud-list.ts';
import type { FraudOutcomeStore } from './fraud-outcome.ts';
import type { ReviewStore } from './review-queue.ts';
import type { RuleSetStore } from './rule-set.ts';
import type { ShadowResultStore } from './shadow-report.ts';

/** What the fraud check and those who run it keep. */
export interface FraudStores {
  readonly ruleSets: RuleSetStore;
  readonly shadowResults: ShadowResultStore;
  readonly lists: FraudListStore;
  readonly reviews: ReviewStore;
  readonly outcomes: FraudOutcomeStore;
}
