import type { CheckoutStatus } from '../checkout/checkout-status.ts';
import type { PaymentStatus } from './payment.ts';

/**
 * What a run does, in this order: reads the gateway's `ledger` page by page, compares the `payments` that it touched, looks at
 * `unknown` ones, at movements that are `missing` in the ledger, and at `operations` and `refunds` that nobody works on.
 */
export const RECONCILIATION_PHASES = ['ledger', 'payments', 'unknown', 'missing', 'operations', 'refunds', 'done'] as const;

export type ReconciliationPhase = (typeof RECONCILIATION_PHASES)[number];

/** What a run has seen and done. */
export interface ReconciliationCounts {
  readonly movements: number;
  /** Payments that were compared. */
  readonly payments: number;
  /** Payments that were brought up to the gateway's word, and actors that were woken to do so. */
  readonly healed: number;
  /** Incidents that were raised. */
  readonly incidents: number;
  /** Payments of which the gateway told nothing when it was asked. */
  readonly unanswered: number;
}

/** One walk through the ledger of one gateway. */
export interface ReconciliationRun extends ReconciliationCounts {
  readonly id: string;
  readonly gateway: string;
  readonly since: Date;
  readonly until: Date;
  /** How long the gateway's ledger may be silent of a movement. */
  readonly overlapMinutes: number;
  readonly phase: ReconciliationPhase;
  readonly cursor: string | null;
  readonly status: 'running' | 'completed' | 'failed';
  readonly actor: string;
  readonly error: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

/** One payment as our books and the gateway's ledger have it. Minor units. */
export interface BooksEntry {
  readonly paymentId: string;
  readonly gateway: string;
  readonly gatewayRef: string | null;
  readonly cartId: string;
  readonly checkoutId: string;
  readonly checkoutStatus: CheckoutStatus;
  readonly orderId: string;
  readonly orderPlaced: boolean;
  readonly status: PaymentStatus;
  readonly currency: string;
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
  readonly refundPending: number;
  readonly ledger: LedgerSums;
}

/** What the gateway's ledger says of one payment of ours. Minor units. */
export interface LedgerSums {
  readonly captured: number;
  /** Less those that came back. */
  readonly refunded: number;
  /** Authorized and open, as the present run saw it. */
  readonly open: number;
  readonly otherCurrency: boolean;
  /** Another payment at the gateway that names ours as its own and holds money, and how much. */
  readonly second: { readonly gatewayRef: string; readonly held: number } | null;
}

/**
 * What the comparison of one payment comes to.
 * - `wake_checkout`: the gateway holds money for a checkout without an order; its workflow makes the order or gives it back
 * - `refresh`: read the payment back and record what the gateway says
 * - `mismatch`: no reading back can mend it
 */
export type Finding =
  | { readonly kind: 'agrees' | 'wake_checkout' | 'refresh' }
  | { readonly kind: 'mismatch'; readonly cause: string; readonly gatewayRef: string | null; readonly amount: number };

const mismatch = (cause: string, gatewayRef: string | null, amount: number): Finding => ({
  kind: 'mismatch',
  cause,
  gatewayRef,
  amount,
});

/** Captures are the same, and refunds too, but for those that are on their way. */
const sumsAgree = ({ captured, refunded, refundPending, ledger }: BooksEntry): boolean =>
  ledger.captured === captured && ledger.refunded >= refunded && ledger.refunded <= refunded + refundPending;

function withoutOrder(entry: BooksEntry): Finding['kind'] & ('agrees' | 'wake_checkout' | 'refresh') {
  const { checkoutStatus, status, ledger } = entry;
  const held = ledger.captured - ledger.refunded;
  switch (checkoutStatus) {
    case 'processing':
    case 'action_required':
      return held > 0 || ledger.open > 0 ? 'wake_checkout' : 'agrees';
    case 'in_review':
      // Money waits for the decision, as long as we know of it.
      return (status === 'authorized' || status === 'captured') && sumsAgree(entry) ? 'agrees' : 'wake_checkout';
    default:
      if (held > 0) return 'wake_checkout';
      // A ledger may list authorizations that were released since: the payment itself is asked before anybody is woken.
      if (ledger.open > 0) return status === 'canceled' || status === 'failed' ? 'refresh' : 'wake_checkout';
      return sumsAgree(entry) ? 'agrees' : 'refresh';
  }
}

/** Compares one payment with the gateway's ledger. */
export function compareBooks(entry: BooksEntry): Finding {
  const { ledger, status } = entry;
  if (ledger.otherCurrency)
    return mismatch(
      `The gateway's ledger has the payment in another currency than ${entry.currency}`,
      entry.gatewayRef,
      ledger.captured,
    );
  if (ledger.second) {
    const { gatewayRef, held } = ledger.second;
    return mismatch(`A second payment at the gateway holds money for the same order: ${gatewayRef}`, gatewayRef, held);
  }
  if (ledger.captured > entry.amount) {
    return mismatch(
      `${ledger.captured} were captured of a payment of ${entry.amount}`,
      entry.gatewayRef,
      ledger.captured - entry.amount,
    );
  }
  if (!entry.orderPlaced) return { kind: withoutOrder(entry) };
  if (!sumsAgree(entry)) return { kind: 'refresh' };
  const openUnknown = ledger.open > 0 && status !== 'authorized' && ledger.captured === 0;
  return { kind: openUnknown ? 'refresh' : 'agrees' };
}

/** Whether the ledger has less than our books: a ledger may lag, so that is judged only after its time. */
export const ledgerHasLess = ({ captured, refunded, ledger }: BooksEntry): boolean =>
  ledger.captured < captured || ledger.refunded < refunded;

/** A payment at the gateway that is none of ours. Minor units. */
export interface UnknownPayment {
  readonly gatewayRef: string;
  readonly currency: string;
  /** Captured and not given back. */
  readonly held: number;
  /** Authorized and open. */
  readonly open: number;
  readonly lastMovedAt: Date;
}
