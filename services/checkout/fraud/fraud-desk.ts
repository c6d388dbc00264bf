import type { FraudOutcome } from '../../../domain/checkout/fraud/fraud-outcome.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import type { Work } from '../../stores.ts';
import type { KeyedHash } from '../cart-tokens.ts';
import { createFraudStatistics, type FraudStatistics } from './fraud-statistics.ts';
import { createFraudListService, type FraudListService } from './manage-lists.ts';
import { createRuleSetService, type RuleSetService } from './manage-rule-sets.ts';
import { recordFraudOutcome, type FraudOutcomeReport } from './record-fraud-outcome.ts';
import { createReviewDesk, type ReviewDesk } from './review-desk.ts';

/** What operators do about fraud. */
export interface FraudDesk {
  readonly ruleSets: RuleSetService;
  readonly lists: FraudListService;
  readonly reviews: ReviewDesk;
  readonly statistics: FraudStatistics;
  /** See `recordFraudOutcome`; in a transaction of its own. */
  reportOutcome(report: FraudOutcomeReport): Promise<FraudOutcome>;
}

/** The use cases of those who fight fraud. */
export const createFraudDesk = (deps: { work: Work; newId: IdGenerator; keyedHash: KeyedHash; now: () => Date }): FraudDesk => ({
  ruleSets: createRuleSetService(deps),
  lists: createFraudListService(deps),
  reviews: createReviewDesk(deps),
  statistics: createFraudStatistics(deps),
  reportOutcome: (report) => deps.work.transaction((stores) => recordFraudOutcome(stores, report, deps.newId)),
});
