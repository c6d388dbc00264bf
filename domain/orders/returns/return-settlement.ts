import { invalid } from '../../shared/errors.ts';
import { multiplyRatio } from '../../shared/money.ts';
import { refundOfUnits, shippingPaid, type RefundableOrder } from '../../payments/refund.ts';
import type { ReturnPolicy } from './return-policy.ts';
import { CONDITIONS, isOwnReason, type Condition, type ReturnReason } from './return.ts';

/** Units of a line that are accepted. `kept`: of what is not sent back. */
export interface AcceptedUnits {
  readonly orderLineId: string;
  readonly reason: ReturnReason;
  readonly units: Readonly<Partial<Record<Condition | 'kept', number>>>;
}

/** What an operator decides otherwise than the policy says. Minor units. */
export interface SettlementWish {
  readonly restockingFee?: number;
  readonly labelFee?: number;
  readonly shippingRefund?: number;
}

/** What a return comes to. Minor units. */
export interface ReturnSettlement {
  /** Units that are counted as refunded with it, and what was paid for them. */
  readonly lines: readonly { readonly orderLineId: string; readonly quantity: number; readonly amount: number }[];
  readonly value: number;
  readonly shippingRefund: number;
  readonly restockingFee: number;
  readonly labelFee: number;
  /** value + shippingRefund − restockingFee − labelFee; never below 0. */
  readonly amount: number;
}

const ORDERED = [...CONDITIONS, 'kept'] as const;

/** The fee for the units of a line, condition by condition on the running sum, so that the parts add up. */
function valueAndFee(line: { quantity: number; refundedQuantity: number; total: number }, accepted: AcceptedUnits, { restockingFeePpm }: ReturnPolicy) {
  let refundedQuantity = line.refundedQuantity;
  let amount = 0;
  let fee = 0;
  for (const condition of ORDERED) {
    // What was refunded another way meanwhile is not paid for again.
    const quantity = Math.min(accepted.units[condition] ?? 0, line.quantity - refundedQuantity);
    if (quantity <= 0) continue;
    const value = refundOfUnits({ ...line, refundedQuantity }, quantity);
    refundedQuantity += quantity;
    amount += value;
    if (condition !== 'kept' && isOwnReason(accepted.reason)) fee += multiplyRatio(value, restockingFeePpm[condition], 1_000_000);
  }
  return { quantity: refundedQuantity - line.refundedQuantity, amount, fee };
}

/** Raises INVALID_INPUT naming the field unless it is a whole amount within the limit. */
function chosen(field: string, wish: number | undefined, byPolicy: number, most: number): number {
  if (wish === undefined) return Math.min(byPolicy, most);
  if (!Number.isSafeInteger(wish) || wish < 0 || wish > most) throw invalid(field, `Must be 0 to ${most} minor units`);
  return wish;
}

/**
 * Reckons what accepted units come to under the terms of their return. Fees are taken only for reasons of the customer's own, the
 * label's only for a label that we gave. Raises INVALID_INPUT naming what the operator chose and cannot be.
 */
export function settleReturn(
  order: RefundableOrder,
  accepted: readonly AcceptedUnits[],
  terms: ReturnPolicy,
  { labelGiven, wish = {} }: { labelGiven: boolean; wish?: SettlementWish },
): ReturnSettlement {
  const reckoned = accepted.flatMap((units) => {
    const line = order.lines.find(({ id }) => id === units.orderLineId);
    return line ? [{ orderLineId: line.id, ...valueAndFee(line, units, terms) }] : [];
  });
  const lines = reckoned.filter(({ quantity }) => quantity > 0).map(({ fee: _, ...line }) => line);
  const value = lines.reduce((sum, { amount }) => sum + amount, 0);

  const nothingLeft =
    lines.length > 0 &&
    order.lines.every((line) => line.quantity <= line.refundedQuantity + (lines.find(({ orderLineId }) => orderLineId === line.id)?.quantity ?? 0));
  const shippingLeft = Math.max(0, shippingPaid(order) - order.shippingRefunded);
  const shippingRefund = chosen('shippingRefund', wish.shippingRefund, terms.refundShipping === 'whole_order' && nothingLeft ? shippingLeft : 0, shippingLeft);

  const fees = reckoned.reduce((sum, { fee }) => sum + fee, 0);
  const restockingFee = chosen('restockingFee', wish.restockingFee, fees, value);
  const paysLabel = labelGiven && lines.length > 0 && accepted.some(({ reason }) => terms.customerPaysFor.includes(reason));
  const labelFee = chosen('labelFee', wish.labelFee, paysLabel ? terms.labelFee : 0, value + shippingRefund - restockingFee);
  return { lines, value, shippingRefund, restockingFee, labelFee, amount: value + shippingRefund - restockingFee - labelFee };
}
