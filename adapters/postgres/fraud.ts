import type { FraudStores } from '../../domain/checkout/fraud/fraud-stores.ts';
import type { Sql } from './database.ts';
import { createFraudListStore } from './fraud/lists.ts';
import { createFraudOutcomeStore } from './fraud/outcomes.ts';
import { createReviewStore } from './fraud/reviews.ts';
import { createRuleSetStore } from './fraud/rule-sets.ts';
import { createShadowResultStore } from './fraud/shadow-results.ts';

/** What the fraud check keeps, in Postgres. */
export const createFraudStores = (sql: Sql): FraudStores => ({
  ruleSets: createRuleSetStore(sql),
  shadowResults: createShadowResultStore(sql),
  lists: createFraudListStore(sql),
  reviews: createReviewStore(sql),
  outcomes: createFraudOutcomeStore(sql),
});
