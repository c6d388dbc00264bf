import type { Account } from './account.ts';
import { toMinor } from './amounts.ts';
import { metadataOf } from './api.ts';
import type { Order } from './objects.ts';

/** What one order moved, in minor units. */
export interface LedgerEntry {
  readonly orderRef: string;
  readonly customId: string;
  /** Our ids in the custom_id. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly status: string;
  readonly currency: string;
  readonly amount: number;
  /** Authorized and neither captured nor released. */
  readonly authorized: number;
  readonly captured: number;
  /** Refunds that are done or pending. */
  readonly refunded: number;
  /** Captured less refunded. */
  readonly net: number;
  /** Taken by banks. */
  readonly disputed: number;
}

export interface LedgerPage {
  readonly entries: readonly LedgerEntry[];
  readonly next: string | null;
}

function entryOf(account: Account, order: Order): LedgerEntry {
  const { authorizations, captures, refunds } = account.paymentsOf(order);
  const sum = (amounts: readonly { amount: { currency_code: string; value: string } }[]): number => amounts.reduce((total, { amount }) => total + toMinor(amount, 'amount'), 0);
  const captured = sum(captures.filter(({ status }) => status !== 'PENDING' && status !== 'DECLINED'));
  const refunded = sum(refunds.filter(({ status }) => status !== 'FAILED'));
  const open = authorizations.find(({ renews, status }) => renews === undefined && (status === 'CREATED' || status === 'PARTIALLY_CAPTURED'));
  const disputes = [...account.disputes.values()].filter(
    (dispute) =>
      dispute.dispute_outcome?.outcome_code !== 'RESOLVED_SELLER_FAVOUR' && captures.some(({ id }) => id === dispute.disputed_transactions[0]?.seller_transaction_id),
  );
  const [{ amount, custom_id: customId = '' }] = order.purchase_units;
  return {
    orderRef: order.id,
    customId,
    metadata: metadataOf(customId),
    status: order.status,
    currency: amount.currency_code,
    amount: toMinor(amount, 'amount'),
    authorized: open ? toMinor(open.amount, 'amount') - captured : 0,
    captured,
    refunded,
    net: captured - refunded,
    disputed: disputes.reduce((total, dispute) => total + toMinor(dispute.dispute_amount, 'amount'), 0),
  };
}

/** One page of the account's books, oldest order first. */
export function readLedger(account: Account, query: { after?: string | undefined; orderId?: string | undefined; limit: number }): LedgerPage {
  const entries: LedgerEntry[] = [];
  let skipping = query.after !== undefined;
  for (const order of account.orders.values()) {
    if (skipping) {
      skipping = order.id !== query.after;
      continue;
    }
    if (query.orderId !== undefined && metadataOf(order.purchase_units[0].custom_id)['order_id'] !== query.orderId) continue;
    if (entries.length === query.limit) return { entries, next: entries.at(-1)?.orderRef ?? null };
    entries.push(entryOf(account, order));
  }
  return { entries, next: null };
}
