import { DomainError, invalid } from '../shared/errors.ts';
import { multiplyRatio } from '../shared/money.ts';
import { refundable, type PaymentSums } from './payment.ts';

export type RefundStatus = 'pending' | 'succeeded' | 'failed';

/** `credited`: the gateway refused, the customer got store credit instead. */
export type RefundPartStatus = 'pending' | 'succeeded' | 'failed' | 'credited';

/** Money that goes back to a customer. Amounts in minor units. */
export interface Refund {
  readonly id: string;
  readonly orderId: string;
  readonly currency: string;
  readonly amount: number;
  readonly status: RefundStatus;
  readonly destination: 'original' | 'store_credit';
  /** What happens when the gateway refuses: a person is called, or the customer gets store credit. */
  readonly fallback: 'incident' | 'store_credit';
  /** `gateway`: somebody made it in the gateway's dashboard. */
  readonly source: 'operator' | 'cancellation' | 'checkout' | 'gateway' | 'edit' | 'return';
  readonly shippingAmount: number;
  readonly reason: string;
  readonly note: string | null;
  readonly actor: string;
  readonly lines: readonly RefundLine[];
  readonly parts: readonly RefundPart[];
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

export interface RefundLine {
  readonly orderLineId: string;
  readonly quantity: number;
  readonly amount: number;
}

/** One movement at a gateway. */
export interface RefundPart {
  readonly number: number;
  readonly paymentId: string;
  readonly captureRef: string;
  readonly amount: number;
  readonly status: RefundPartStatus;
  readonly attempt: number;
  readonly gatewayRef: string | null;
  /** Why the gateway refused. */
  readonly failure: string | null;
}

/** The idempotency key of a part's movement; a refused attempt's key is never used again. */
export const refundKey = (refundId: string, part: Pick<RefundPart, 'number' | 'attempt'>): string => `${refundId}/${part.number}/${part.attempt}`;

/** What somebody wants to give back: units of lines, shipping, and any further amount. Minor units. */
export interface RefundWish {
  readonly lines: readonly { readonly orderLineId: string; readonly quantity: number }[];
  readonly shippingAmount: number;
  /** On top of lines and shipping: goodwill, or simply an amount. */
  readonly amount: number;
}

/** What of an order a refund is reckoned by. */
export interface RefundableOrder {
  readonly total: number;
  readonly shippingRefunded: number;
  readonly lines: readonly { readonly id: string; readonly quantity: number; readonly refundedQuantity: number; readonly total: number }[];
}

/** A payment that money can go back to. */
export interface RefundablePayment extends PaymentSums {
  readonly id: string;
  readonly captures: readonly { readonly ref: string; readonly amount: number }[];
  /** By capture: what was refunded of it or is being refunded. */
  readonly refundedOf: Readonly<Record<string, number>>;
}

export interface RefundPlan {
  readonly amount: number;
  readonly shippingAmount: number;
  readonly lines: readonly RefundLine[];
  readonly parts: readonly { readonly paymentId: string; readonly captureRef: string; readonly amount: number }[];
}

/**
 * The price of some more units of a line of which some were refunded: reckoned on the running sum, so that refunds of single
 * units add up to the line's total exactly.
 */
export function refundOfUnits(line: { quantity: number; refundedQuantity: number; total: number }, quantity: number): number {
  const upTo = (units: number): number => multiplyRatio(line.total, units, line.quantity);
  return upTo(line.refundedQuantity + quantity) - upTo(line.refundedQuantity);
}

/** What shipping cost the customer, after discount and with tax. */
export const shippingPaid = (order: Pick<RefundableOrder, 'total' | 'lines'>): number =>
  order.total - order.lines.reduce((sum, line) => sum + line.total, 0);

/** Takes an amount from the payments in their order, capture by capture. Raises INVALID_INPUT on `amount` when there is not so much. */
export function spreadRefund(amount: number, payments: readonly RefundablePayment[]): RefundPlan['parts'] {
  const parts: { paymentId: string; captureRef: string; amount: number }[] = [];
  let left = amount;
  for (const payment of payments) {
    let ofPayment = Math.min(left, refundable(payment));
    for (const capture of payment.captures) {
      const taken = Math.min(ofPayment, capture.amount - (payment.refundedOf[capture.ref] ?? 0));
      if (taken <= 0) continue;
      parts.push({ paymentId: payment.id, captureRef: capture.ref, amount: taken });
      ofPayment -= taken;
      left -= taken;
    }
  }
  if (left > 0) throw invalid('amount', `At most ${amount - left} can be refunded`);
  return parts;
}

/**
 * Reckons a refund and where its money comes from. Raises INVALID_INPUT naming the field, and INVALID_TRANSITION for units or
 * shipping that were refunded already.
 */
export function planRefund(order: RefundableOrder, payments: readonly RefundablePayment[], wish: RefundWish): RefundPlan {
  const lines = wish.lines.map(({ orderLineId, quantity }, index) => {
    const line = order.lines.find(({ id }) => id === orderLineId);
    if (!line) throw invalid(`lines.${index}.orderLineId`, 'The order has no such line');
    if (wish.lines.findIndex((other) => other.orderLineId === orderLineId) !== index) {
      throw invalid(`lines.${index}.orderLineId`, 'The line is named twice');
    }
    if (!Number.isSafeInteger(quantity) || quantity < 1) throw invalid(`lines.${index}.quantity`, 'Must be 1 or more');
    const left = line.quantity - line.refundedQuantity;
    if (quantity > left) throw new DomainError('INVALID_TRANSITION', `Only ${left} of the line can still be refunded`, `lines.${index}.quantity`);
    return { orderLineId, quantity, amount: refundOfUnits(line, quantity) };
  });
  for (const field of ['shippingAmount', 'amount'] as const) {
    if (!Number.isSafeInteger(wish[field]) || wish[field] < 0) throw invalid(field, 'Must be a whole number of minor units, 0 or more');
  }
  const shippingLeft = shippingPaid(order) - order.shippingRefunded;
  if (wish.shippingAmount > shippingLeft) {
    throw new DomainError('INVALID_TRANSITION', `Only ${shippingLeft} of the shipping can still be refunded`, 'shippingAmount');
  }
  const amount = lines.reduce((sum, line) => sum + line.amount, 0) + wish.shippingAmount + wish.amount;
  if (amount === 0) throw invalid('amount', 'The refund comes to nothing');
  return { amount, shippingAmount: wish.shippingAmount, lines, parts: spreadRefund(amount, payments) };
}
