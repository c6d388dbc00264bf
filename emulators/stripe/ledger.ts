import type { Account } from './account.ts';
import { findDispute, takenBy } from './disputes.ts';
import type { IntentStatus, Metadata, PaymentIntent, Refund } from './objects.ts';

/** What one payment intent moved, in minor units. */
export interface LedgerEntry {
  readonly paymentIntent: string;
  readonly status: IntentStatus;
  readonly currency: string;
  readonly amount: number;
  readonly metadata: Metadata;
  /** Authorized and neither captured nor released. */
  readonly authorized: number;
  readonly captured: number;
  /** Refunds that succeeded or are pending. */
  readonly refunded: number;
  /** Captured less refunded. */
  readonly net: number;
  /** Taken by the bank for disputes and not given back; not part of `net`. */
  readonly disputed: number;
}

export interface LedgerPage {
  readonly entries: readonly LedgerEntry[];
  /** Cursor of the next page; null on the last. */
  readonly next: string | null;
}

/** A refund without a balance transaction only released what was not captured. */
const movesMoney = ({ status, balance_transaction: transaction }: Refund): boolean => status !== 'failed' && transaction !== null;

function entryOf(account: Account, intent: PaymentIntent): LedgerEntry {
  const refunds = (account.refundsOf.get(intent.id) ?? []).map((id) => account.refunds.get(id));
  const refunded = refunds.reduce((sum, refund) => sum + (refund && movesMoney(refund) ? refund.amount : 0), 0);
  const disputed = (account.disputesOf.get(intent.id) ?? []).reduce((sum, id) => sum + takenBy(findDispute(account, id)), 0);
  return {
    paymentIntent: intent.id,
    status: intent.status,
    currency: intent.currency,
    amount: intent.amount,
    metadata: intent.metadata,
    authorized: intent.amount_capturable,
    captured: intent.amount_received,
    refunded,
    net: intent.amount_received - refunded,
    disputed,
  };
}

/** One page of the account's books, oldest intent first; `orderId` keeps to the intents with that `metadata.order_id`. */
export function readLedger(
  account: Account,
  query: { after?: string | undefined; orderId?: string | undefined; limit: number },
): LedgerPage {
  const entries: LedgerEntry[] = [];
  for (const intent of account.intents.oldestFirst(query.after)) {
    if (query.orderId !== undefined && intent.metadata['order_id'] !== query.orderId) continue;
    if (entries.length === query.limit) return { entries, next: entries.at(-1)?.paymentIntent ?? null };
    entries.push(entryOf(account, intent));
  }
  return { entries, next: null };
}
