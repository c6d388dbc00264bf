import type { ShelfUnits } from '../../../domain/catalog/inventory-store.ts';
import type { ChildProcess } from '../../../domain/orders/order-command.ts';
import type { OrderChange } from '../../../domain/orders/order-store.ts';
import type { Order } from '../../../domain/orders/order.ts';
import { settleReturn as reckon, type AcceptedUnits, type ReturnSettlement } from '../../../domain/orders/returns/return-settlement.ts';
import { returnTransitions } from '../../../domain/orders/returns/return-status.ts';
import type { InspectedUnits } from '../../../domain/orders/returns/return-store.ts';
import type { OrderReturn, ReturnOutcome } from '../../../domain/orders/returns/return.ts';
import { isWithBank } from '../../../domain/payments/dispute-record.ts';
import { refundable } from '../../../domain/payments/payment.ts';
import { spreadRefund, type RefundablePayment } from '../../../domain/payments/refund.ts';
import { DomainError, invalid, notFound } from '../../../domain/shared/errors.ts';
import { addLinesToOrder } from '../edits/add-lines.ts';
import { attendIncidents, restateReturns, returnOf, returnOutcome, tellOfReturn } from '../returns/return-steps.ts';
import type { CommandContext, CommandHandler, CommandOf } from './command-handler.ts';
import { tellOfRefund } from '../../payments/tell-of-refund.ts';
import { tellOfShelves } from '../tell-of-shelves.ts';

type Settle = CommandOf<'settle_return'>;

/** What is decided on each unit that has arrived. Raises INVALID_INPUT naming the field. */
function inspect({ lines }: OrderReturn, asked: Settle['units']): InspectedUnits[] {
  asked?.forEach(({ orderLineId, condition, accept, restock }, index) => {
    const received = lines.find((line) => line.orderLineId === orderLineId)?.units.find((units) => units.condition === condition)?.received;
    if (received === undefined) throw invalid(`units.${index}.orderLineId`, 'Nothing of it has arrived in this condition');
    if (asked.findIndex((other) => other.orderLineId === orderLineId && other.condition === condition) !== index) {
      throw invalid(`units.${index}.condition`, 'The line is named twice in this condition');
    }
    if (!Number.isSafeInteger(accept) || accept < 0 || accept > received) throw invalid(`units.${index}.accept`, `Must be 0 to ${received}`);
    if (!Number.isSafeInteger(restock) || restock < 0 || restock > accept) throw invalid(`units.${index}.restock`, `Must be 0 to ${accept}`);
  });
  return lines.flatMap(({ orderLineId, units }) =>
    units.map(({ condition, received }) => {
      const decided = asked?.find((each) => each.orderLineId === orderLineId && each.condition === condition);
      // What nobody has looked at is paid, but is not sold again unseen.
      const { accept, restock } = asked ? (decided ?? { accept: 0, restock: 0 }) : { accept: received, restock: 0 };
      return { orderLineId, condition, quantity: accept, restocked: restock };
    }),
  );
}

function acceptedUnits({ lines, sendBack }: OrderReturn, inspected: readonly InspectedUnits[]): AcceptedUnits[] {
  return lines.map(({ orderLineId, reason, quantity }) => ({
    orderLineId,
    reason,
    units: sendBack ? Object.fromEntries(inspected.filter((each) => each.orderLineId === orderLineId).map((each) => [each.condition, each.quantity])) : { kept: quantity },
  }));
}

/** Puts what is good on the shelf of the place, or on the first that keeps the article. */
async function restock({ stores, newId }: CommandContext, { id }: OrderReturn, whole: Order, inspected: readonly InspectedUnits[], locationId: string | undefined): Promise<void> {
  const items = new Map<string, number>();
  for (const { orderLineId, restocked } of inspected) {
    for (const part of whole.lines.find((line) => line.id === orderLineId)?.inventory ?? []) {
      if (restocked > 0) items.set(part.inventoryItemId, (items.get(part.inventoryItemId) ?? 0) + part.quantity * restocked);
    }
  }
  const shelves = await stores.inventory.shelves([...items.keys()]);
  const takes = [...items].map(([itemId, quantity]): ShelfUnits => {
    const shelf = shelves.find((each) => each.inventoryItemId === itemId && (locationId === undefined || each.locationId === locationId));
    if (!shelf) throw invalid('locationId', 'This place does not keep the article');
    return { levelId: shelf.levelId, quantity };
  });
  await tellOfShelves(stores, newId, 'return', await stores.inventory.restock(takes, id));
}

/** Writes the refund, of what can still go back; undefined when nothing can. */
async function refund({ stores, order, newId }: CommandContext, { id, terms }: OrderReturn, whole: Order, settlement: ReturnSettlement, { actor, destination = 'original', reason }: Settle): Promise<{ refundId?: string; amount: number }> {
  if (settlement.amount > 0 && (await stores.disputes.ofOrder(order.id)).some(({ status }) => isWithBank(status))) {
    throw new DomainError('INVALID_TRANSITION', 'The payment is disputed: the bank has the money until it has decided', 'orderId');
  }
  const payments: RefundablePayment[] = [];
  for (const payment of await stores.refunds.refundables(await stores.payments.ofOrder(order.id))) {
    // What the bank has taken in a lost dispute is with the customer already.
    payments.push({ ...payment, refunded: payment.refunded + (await stores.disputes.lostOf(payment.id)) });
  }
  const { lines, shippingRefund: shippingAmount } = settlement;
  const amount = Math.min(settlement.amount, payments.reduce((sum, payment) => sum + Math.max(0, refundable(payment)), 0));
  if (amount === 0) {
    await stores.refunds.countUnits({ orderId: order.id, lines, shippingAmount }, 1);
    return { amount };
  }
  const refundId = newId('refund');
  const { currency } = whole;
  const told = reason ?? 'return';
  const plan = { amount, shippingAmount, lines, parts: spreadRefund(amount, payments) };
  await stores.refunds.insert({ id: refundId, orderId: order.id, currency, destination, fallback: terms.refundFallback, source: 'return', reason: told, note: id, actor, plan });
  await tellOfRefund(stores, newId, 'refund.requested', refundId);
  return { refundId, amount };
}

interface Paid {
  readonly outcome: ReturnOutcome;
  /** What it really comes to: no more goes back than was paid. Minor units. */
  readonly amount: number;
  readonly refundId?: string | undefined;
  readonly orderEditId?: string;
  readonly children: readonly ChildProcess[];
  readonly change: OrderChange;
}

/** Pays for what is accepted, with money or with what is wanted instead. */
async function pay(context: CommandContext, subject: OrderReturn, whole: Order, settlement: ReturnSettlement, command: Settle): Promise<Paid> {
  const { kind, wanted } = subject;
  const { stores, order } = context;
  if (settlement.lines.length === 0 && settlement.amount === 0) return { outcome: 'refused', amount: 0, children: [], change: {} };
  if (wanted.length > 0 && command.refundInstead !== true) {
    await stores.refunds.countUnits({ orderId: order.id, lines: settlement.lines, shippingAmount: settlement.shippingRefund }, 1);
    const added = await addLinesToOrder(context, wanted, { amount: settlement.amount, actor: command.actor, reason: command.reason ?? kind });
    const { refundId, editId: orderEditId, children, change } = added;
    return { outcome: outcomeOf({ kind, orderEditId }), amount: settlement.amount, refundId, orderEditId, children, change };
  }
  const { refundId, amount } = await refund(context, subject, whole, settlement, command);
  if (refundId === undefined) return { outcome: 'nothing_due', amount, children: [], change: {} };
  return { outcome: outcomeOf({ kind, orderEditId: null }), amount, refundId, children: [{ kind: 'refund', id: refundId }], change: {} };
}

/** The outcome that an inspected return has when its money has gone back. */
export const outcomeOf = ({ kind, orderEditId }: Pick<OrderReturn, 'kind' | 'orderEditId'>): ReturnOutcome =>
  kind === 'claim' ? 'claim_settled' : orderEditId === null ? 'refunded' : 'exchanged';

/** What is decided on each unit, and what it comes to. Changes nothing. Raises INVALID_INPUT, INVALID_TRANSITION. */
export function reckonReturn(subject: OrderReturn, whole: Order, { units, fees = {} }: Pick<Settle, 'units' | 'fees'>): { inspected: InspectedUnits[]; settlement: ReturnSettlement } {
  returnTransitions.assertTransition(subject.status, 'inspected');
  if (subject.sendBack && subject.status !== 'received') throw new DomainError('INVALID_TRANSITION', 'Nothing has arrived yet', 'returnId');
  const inspected = inspect(subject, units);
  const settlement = reckon(whole, acceptedUnits(subject, inspected), subject.terms, { labelGiven: subject.providerRef !== null, wish: fees });
  return { inspected, settlement };
}

/** Decides what is accepted, puts it on the shelf, and pays or exchanges it: all of it or nothing. */
export const settleReturn: CommandHandler<'settle_return'> = async (context, command) => {
  const { stores, order, now } = context;
  const subject = await returnOf(context, command.returnId);
  const whole = await stores.orders.get(order.id);
  if (!whole) throw notFound('The order', 'orderId');
  const { inspected, settlement } = reckonReturn(subject, whole, command);
  const kept = subject.sendBack ? [] : subject.lines.map(({ orderLineId, quantity }) => ({ orderLineId, quantity }));
  await stores.returns.accept(subject.id, inspected, kept);
  await stores.orders.moveUnits(
    order.id,
    subject.lines.map(({ orderLineId }) => ({
      orderLineId,
      returned: inspected.filter((each) => each.orderLineId === orderLineId).reduce((sum, { quantity }) => sum + quantity, 0),
    })),
  );
  await restock(context, subject, whole, inspected, command.locationId);
  const { outcome, amount, refundId, orderEditId, children, change } = await pay(context, subject, whole, settlement, command);

  const { value, restockingFee, labelFee, shippingRefund } = settlement;
  const sums = { value, restockingFee, labelFee, shippingRefund, amount };
  const waits = refundId !== undefined;
  await stores.returns.update(subject.id, {
    settlement: sums,
    inspectedAt: now,
    ...(refundId === undefined ? {} : { refundId }),
    ...(orderEditId === undefined ? {} : { orderEditId }),
    ...(waits ? { status: 'inspected' } : { status: 'closed', outcome, endedAt: now }),
  });
  await attendIncidents(context, subject.id, ['return_uninspected'], 'It was inspected');
  await tellOfReturn(context, 'return.inspected', subject, { ...sums, currency: whole.currency, units: inspected });
  if (!waits) await tellOfReturn(context, 'return.closed', subject, { outcome });
  const about = returnOutcome(subject, { ...change, ...(await restateReturns(context)) }, { ...sums, outcome, ...(refundId === undefined ? {} : { refundId }) });
  return { ...about, children: [...(about.children ?? []), ...children] };
};
