import { capturable, type PaymentStatus, type PaymentSums } from '../../payments/payment.ts';
import type { Refund } from '../../payments/refund.ts';

/** The money of an order, as far as an edit's settlement is reckoned by it. Minor units. */
export interface OrderMoney {
  readonly payments: readonly (PaymentSums & { readonly status: PaymentStatus })[];
  readonly refunds: readonly Pick<Refund, 'source' | 'parts'>[];
  /** Of the edits that were committed before. */
  readonly earlier: { readonly refundedValue: number; readonly credit: number };
}

/** What an edit makes of an order's money. Minor units. */
export interface EditEffect {
  /** What the order costs then. */
  readonly total: number;
  readonly difference: number;
  readonly refundedValue: number;
  /** What pays for it without money: goods that the customer gives back. */
  readonly credit?: number;
  /** An unpaid balance of an earlier edit is taken over into this one. */
  readonly supersedes?: boolean;
}

/** How a difference is settled; one of the two is 0. Minor units. */
export interface Settlement {
  readonly refundDue: number;
  readonly collectDue: number;
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

/** What went back to the customer, or is on its way, for what the order still holds: refunds of edits are for what it does not. */
function givenBack({ refunds }: OrderMoney): number {
  const others = refunds.filter(({ source }) => source !== 'edit');
  return sum(others.flatMap(({ parts }) => parts.filter(({ status }) => status !== 'failed').map(({ amount }) => amount)));
}

/**
 * Settles an edit by what the store holds and what it should hold: an authorization that is not captured yet gives first, for
 * captures never exceed the order's total. Nothing is refunded but what the edit took off, and nothing but what was captured.
 */
export function settleDifference(money: OrderMoney, { total, difference, refundedValue, credit = 0, supersedes = false }: EditEffect): Settlement {
  const held = sum(money.payments.map((payment) => payment.captured - payment.refunded - payment.refundPending - payment.credited));
  const authorized = sum(money.payments.map(capturable));
  const entitled = total - givenBack(money) + money.earlier.refundedValue + refundedValue - money.earlier.credit - credit;
  const change = difference + refundedValue - credit;
  if (change < 0 && held > entitled) return { refundDue: Math.min(-change, held - entitled), collectDue: 0 };
  const collects = change > 0 || supersedes;
  return { refundDue: 0, collectDue: collects ? Math.max(0, entitled - held - authorized) : 0 };
}
