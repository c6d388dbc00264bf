import type { FraudOutcome, FraudOutcomeKind, RuleStatistic } from '../../../domain/checkout/fraud/fraud-outcome.ts';
import { shadowReport, type ShadowReport, type StoredShadowResult } from '../../../domain/checkout/fraud/shadow-report.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import type { Page, PageRequest } from '../../../domain/shared/page.ts';
import type { Work } from '../../stores.ts';

/** Left out: the last 30 days. */
export interface Period {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** How the rules did. */
export interface FraudStatistics {
  /** At most a year. Raises INVALID_INPUT. */
  rules(filter: Period & { channelId?: string | undefined; versionId?: string | undefined }): Promise<RuleStatistic[]>;
  /** Raises NOT_FOUND, INVALID_INPUT. */
  shadow(versionId: string, period: Period): Promise<ShadowReport>;
  disagreements(versionId: string, page: PageRequest): Promise<Page<StoredShadowResult>>;
  /** Newest first. */
  outcomes(page: PageRequest, filter: { checkoutId?: string; outcome?: FraudOutcomeKind }): Promise<Page<FraudOutcome>>;
}

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 366;

export function createFraudStatistics({ work, now }: { work: Work; now: () => Date }): FraudStatistics {
  const { outcomes, ruleSets, shadowResults } = work.stores.fraud;

  /** From inclusive, to exclusive: what happens in this moment belongs to the period that ends now. */
  function bounds({ from, to }: Period): { from: Date; to: Date } {
    const end = to ?? new Date(now().getTime() + 1_000);
    const start = from ?? new Date(end.getTime() - DEFAULT_DAYS * DAY_MS);
    if (start >= end) throw invalid('from', 'Must be before to');
    if (end.getTime() - start.getTime() > MAX_DAYS * DAY_MS) throw invalid('from', `Must be at most ${MAX_DAYS} days before to`);
    return { from: start, to: end };
  }

  return {
    async rules({ channelId, versionId, ...period }) {
      if (channelId !== undefined && versionId !== undefined) throw invalid('versionId', 'Give either channelId or versionId');
      return outcomes.ruleStatistics({
        ...bounds(period),
        ...(channelId !== undefined && { channelId }),
        ...(versionId !== undefined && { versionId }),
      });
    },
    async shadow(versionId, period) {
      if (!(await ruleSets.get(versionId))) throw notFound('The version', 'versionId');
      return shadowReport(await shadowResults.cells(versionId, bounds(period)));
    },
    disagreements: (versionId, page) => shadowResults.disagreements(versionId, page),
    outcomes: (page, filter) => outcomes.list(page, filter),
  };
}
