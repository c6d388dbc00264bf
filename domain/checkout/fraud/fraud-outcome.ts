import type { Page, PageRequest } from '../../shared/page.ts';

export const FRAUD_OUTCOMES = ['chargeback', 'fraud_confirmed', 'false_positive', 'legitimate'] as const;

/**
 * What a checkout turned out to be. `chargeback`: the cardholder disputed it as fraud · `fraud_confirmed`: found out otherwise ·
 * `false_positive`: suspected without cause · `legitimate`: an honest order.
 */
export type FraudOutcomeKind = (typeof FRAUD_OUTCOMES)[number];

export const isFraud = (outcome: FraudOutcomeKind): boolean => outcome === 'chargeback' || outcome === 'fraud_confirmed';

/** One report; the latest of a checkout counts. */
export interface FraudOutcome {
  readonly id: string;
  readonly checkoutId: string;
  readonly orderId: string;
  readonly outcome: FraudOutcomeKind;
  readonly source: 'operator' | 'dispute';
  /** The gateway's id of the dispute. */
  readonly reference: string | null;
  readonly actor: string;
  readonly note: string | null;
  /** Whether it is the latest of its checkout. */
  readonly current: boolean;
  readonly reportedAt: Date;
}

/** A checkout by its own id or by that of its order. */
export type CheckoutOrOrder = { readonly checkoutId: string } | { readonly orderId: string };

/** The checkout that an outcome is about, locked. */
export interface OutcomeSubject {
  readonly checkoutId: string;
  readonly orderId: string;
  readonly channelId: string;
  readonly emailKey: string;
  readonly cardKey: string | null;
  readonly channelFraudSettings: Readonly<Record<string, unknown>>;
}

/** How often a rule was right. */
export interface RuleStatistic {
  readonly rule: string;
  /** Checkouts in whose last assessment it was a reason. */
  readonly fired: number;
  /** Of those, how many turned out to be fraud. */
  readonly bad: number;
  /** Of those, how many turned out to be honest. */
  readonly good: number;
}

/** The part of a rule's findings that was fraud, of those whose outcome is known. */
export const precisionOf = ({ bad, good }: Pick<RuleStatistic, 'bad' | 'good'>): number | null =>
  bad + good === 0 ? null : bad / (bad + good);

/** Where outcomes are kept. */
export interface FraudOutcomeStore {
  /** Locks the checkout until the transaction ends. */
  lockSubject(of: CheckoutOrOrder): Promise<OutcomeSubject | undefined>;
  current(checkoutId: string): Promise<FraudOutcome | undefined>;
  /** The report that this dispute led to. */
  ofReference(checkoutId: string, reference: string): Promise<FraudOutcome | undefined>;
  /** Adds the report as the current one. The subject must be locked. */
  add(outcome: Omit<FraudOutcome, 'current' | 'reportedAt'>): Promise<FraudOutcome>;
  /** Newest first. */
  list(page: PageRequest, filter: { checkoutId?: string; outcome?: FraudOutcomeKind }): Promise<Page<FraudOutcome>>;
  /** Over the checkouts of a time, by what the rules that decided found, or what those of a version in shadow would have. */
  ruleStatistics(filter: { from: Date; to: Date; channelId?: string; versionId?: string }): Promise<RuleStatistic[]>;
}
