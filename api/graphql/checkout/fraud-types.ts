import { isPersonalKind, type FraudListEntry } from '../../../domain/checkout/fraud/fraud-list.ts';
import { precisionOf, type FraudOutcome, type RuleStatistic } from '../../../domain/checkout/fraud/fraud-outcome.ts';
import type { FraudReview } from '../../../domain/checkout/fraud/review-queue.ts';
import type { RuleSetVersion } from '../../../domain/checkout/fraud/rule-set.ts';
import type { ShadowReport, StoredShadowResult } from '../../../domain/checkout/fraud/shadow-report.ts';
import { toEnum } from '../enum-names.ts';
import type {
  FraudListEntry as GraphqlListEntry,
  FraudOutcome as GraphqlOutcome,
  FraudReview as GraphqlReview,
  FraudRuleSetVersion as GraphqlVersion,
  FraudRuleStatistic as GraphqlStatistic,
  FraudShadowReport as GraphqlReport,
  FraudShadowResult as GraphqlShadowResult,
} from '../generated/admin.ts';
import { toAdminCheckout } from './checkout-types.ts';

export const toVersion = (version: RuleSetVersion): GraphqlVersion => ({ ...version, state: toEnum(version.state) });

export const toListEntry = (entry: FraudListEntry): GraphqlListEntry => ({
  id: entry.id,
  effect: toEnum(entry.effect),
  kind: toEnum(entry.kind),
  value: isPersonalKind(entry.kind) ? null : entry.key,
  label: entry.label,
  reason: entry.reason,
  actor: entry.actor,
  expiresAt: entry.expiresAt,
  createdAt: entry.createdAt,
});

export const toReview = ({ checkout, claim, notes }: FraudReview): GraphqlReview => ({
  checkout: toAdminCheckout(checkout),
  claim: claim ? { operator: claim.operator, claimedAt: claim.claimedAt, expiresAt: claim.expiresAt } : null,
  notesCount: notes,
});

export const toOutcome = (outcome: FraudOutcome): GraphqlOutcome => ({
  ...outcome,
  outcome: toEnum(outcome.outcome),
  source: toEnum(outcome.source),
});

export const toStatistic = (statistic: RuleStatistic): GraphqlStatistic => ({ ...statistic, precision: precisionOf(statistic) });

export const toShadowReport = (report: ShadowReport): GraphqlReport => ({
  ...report,
  cells: report.cells.map((cell) => ({
    ...cell,
    decision: toEnum(cell.decision),
    activeDecision: toEnum(cell.activeDecision),
  })),
});

export const toShadowResult = (result: StoredShadowResult): GraphqlShadowResult => ({
  checkoutId: result.checkoutId,
  score: result.score,
  decision: toEnum(result.decision),
  activeScore: result.activeScore,
  activeDecision: toEnum(result.activeDecision),
  rules: result.rules,
  assessedAt: result.assessedAt,
});
