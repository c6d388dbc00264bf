import type { OrderChange } from '../../../domain/orders/order-store.ts';
import { orderFulfillmentStatus } from '../../../domain/orders/order-status.ts';
import type { ChildProcess } from '../../../domain/orders/order-command.ts';
import { hasEnded } from '../../../domain/orders/collections/collection.ts';
import { applyEdit, forgive, type EditedOrder } from '../../../domain/orders/edits/apply-edit.ts';
import type { EditChange } from '../../../domain/orders/edits/edit-change.ts';
import type { EditableOrder } from '../../../domain/orders/edits/editable-order.ts';
import { settleDifference, type Settlement } from '../../../domain/orders/edits/settle-difference.ts';
import { isWithBank } from '../../../domain/payments/dispute-record.ts';
import { orderPaymentStatus } from '../../../domain/payments/order-payment-status.ts';
import { refundable } from '../../../domain/payments/payment.ts';
import { spreadRefund, type RefundablePayment } from '../../../domain/payments/refund.ts';
import { DomainError, invalid, notFound } from '../../../domain/shared/errors.ts';
import type { Stores } from '../../stores.ts';
import type { CommandContext } from '../commands/command-handler.ts';
import { requirePlaced } from '../commands/require-placed.ts';
import { moveStock } from './move-stock.ts';
import { snapshotUnits } from '../../../domain/orders/order-snapshot.ts';
import { tellOfRefund } from '../../payments/tell-of-refund.ts';
import { tellOfOrder } from '../tell-of-order.ts';

/** How an edit is to be carried out. */
export interface EditTerms {
  readonly editId: string;
  readonly actor: string;
  /** For the refund that may come of it: shown to the customer. */
  readonly reason: string;
  /** Forgive what would have to be paid. */
  readonly waive?: boolean;
  readonly savedMethodId?: string;
  /** What pays for it without money, minor units. */
  readonly credit?: number;
}

/** An edit as it would be, or is, carried out. */
export interface PlannedEdit {
  readonly before: EditableOrder;
  readonly edited: EditedOrder;
  readonly settlement: Settlement;
  /** What was forgiven, minor units. */
  readonly waived: number;
  /** The unpaid balance of an earlier edit that this one takes over. */
  readonly supersedes: string | undefined;
}

/** What carrying an edit out has made. */
export interface EditOutcome extends PlannedEdit {
  readonly refundId: string | undefined;
  readonly collectionId: string | undefined;
  readonly children: readonly ChildProcess[];
  readonly change: OrderChange;
}

/** What the changes would make of the order and of its money. Changes nothing. Raises as `applyEdit`. */
export async function planEdit(stores: Stores, orderId: string, changes: readonly EditChange[], terms: Pick<EditTerms, 'waive' | 'credit'> = {}): Promise<PlannedEdit> {
  const before = await stores.orderEdits.editable(orderId);
  const order = await stores.orders.get(orderId);
  if (!before || !order) throw notFound('The order', 'orderId');
  const unpaid = await stores.collections.unpaidOfOrder(orderId);
  const plain = applyEdit(before, changes, await stores.orderEdits.catalogFor(before, changes));
  const money = { payments: order.payments, refunds: order.refunds, earlier: await stores.orderEdits.committedOf(orderId) };
  const settle = (edited: EditedOrder): Settlement => settleDifference(money, { ...edited, credit: terms.credit ?? 0, supersedes: unpaid !== undefined });
  const settlement = settle(plain);
  const forgivable = terms.waive === true ? Math.min(settlement.collectDue, plain.total) : 0;
  if (forgivable === 0) return { before, edited: plain, settlement, waived: 0, supersedes: unpaid?.id };
  const edited = forgive(before, plain, forgivable);
  return { before, edited, settlement: settle(edited), waived: forgivable, supersedes: unpaid?.id };
}

/** An edit that moves money or units waits for what is being done with these now. Raises INVALID_TRANSITION, CONFLICT. */
async function requireQuiet({ stores, order }: CommandContext, { before, edited, settlement, supersedes }: PlannedEdit): Promise<void> {
  const [movement] = await stores.payments.unfinished(order.id);
  if (movement) throw new DomainError('CONFLICT', 'A movement of the order’s money is under way: try again when it has ended', 'orderId');
  const whole = await stores.orders.get(order.id);
  const changed = (orderLineId: string): boolean => before.lines.find(({ id }) => id === orderLineId)?.refundedQuantity !== edited.lines.find(({ id }) => id === orderLineId)?.refundedQuantity;
  const refund = whole?.refunds.find(
    ({ status, lines, shippingAmount }) =>
      status === 'pending' && (lines.some(({ orderLineId }) => changed(orderLineId)) || (shippingAmount > 0 && before.shippingRefunded !== edited.shippingRefunded)),
  );
  if (refund) throw new DomainError('CONFLICT', `Refund ${refund.id} of these units is on its way: try again when it has ended`, 'orderId');
  if (settlement.refundDue > 0 && (await stores.disputes.ofOrder(order.id)).some(({ status }) => isWithBank(status))) {
    throw new DomainError('INVALID_TRANSITION', 'The payment is disputed: the bank has the money until it has decided', 'orderId');
  }
  if (supersedes !== undefined && (await stores.collections.tries(supersedes)).some((attempt) => !hasEnded(attempt))) {
    throw new DomainError('INVALID_TRANSITION', 'The balance of an earlier edit is being paid: try again when that has ended', 'orderId');
  }
}

/** Writes the refund of a difference, of what can still go back. Undefined when nothing can. */
async function refundDifference({ stores, order, newId }: CommandContext, currency: string, amount: number, { actor, reason, editId }: EditTerms): Promise<string | undefined> {
  const payments: RefundablePayment[] = [];
  for (const payment of await stores.refunds.refundables(await stores.payments.ofOrder(order.id))) {
    // What the bank has taken in a lost dispute is with the customer already.
    payments.push({ ...payment, refunded: payment.refunded + (await stores.disputes.lostOf(payment.id)) });
  }
  const left = Math.min(amount, payments.reduce((total, payment) => total + Math.max(0, refundable(payment)), 0));
  if (left === 0) return undefined;
  const refundId = newId('refund');
  const plan = { amount: left, shippingAmount: 0, lines: [], parts: spreadRefund(left, payments) };
  await stores.refunds.insert({ id: refundId, orderId: order.id, currency, destination: 'original', fallback: 'incident', source: 'edit', reason, note: editId, actor, plan });
  await tellOfRefund(stores, newId, 'refund.requested', refundId);
  return refundId;
}

/** The method must be the customer's whose order it is. */
async function requireOwnMethod({ stores, order }: CommandContext, savedMethodId: string): Promise<void> {
  const customerId = (await stores.orders.get(order.id))?.customerId ?? null;
  const method = await stores.savedMethods.get(savedMethodId);
  if (customerId === null || method?.customerId !== customerId) throw invalid('savedMethodId', 'The customer of the order has no such payment method');
}

async function collectDifference(context: CommandContext, currency: string, amount: number, { editId, savedMethodId }: EditTerms): Promise<string> {
  const { stores, order, newId } = context;
  if (savedMethodId !== undefined) await requireOwnMethod(context, savedMethodId);
  const collectionId = newId('collection');
  await stores.collections.insert({ id: collectionId, orderId: order.id, editId, currency, amount, savedMethodId: savedMethodId ?? null });
  return collectionId;
}

/** The balance is no longer to be paid by its own link: this edit has taken it over. */
async function supersede(stores: Stores, collectionId: string, editId: string): Promise<void> {
  await stores.collections.end(collectionId, { status: 'canceled' });
  const incident = await stores.incidents.findOpen('balance_unpaid', collectionId);
  if (incident) await stores.incidents.resolve(incident.id, `Taken over by edit ${editId}`);
}

async function restate({ stores, order }: CommandContext): Promise<OrderChange> {
  const whole = await stores.orders.get(order.id);
  const edited = await stores.orders.lock(order.id);
  if (!whole || !edited) throw notFound('The order', 'orderId');
  const fulfillmentStatus = orderFulfillmentStatus(whole.lines);
  const paymentStatus = orderPaymentStatus(edited.total, await stores.payments.ofOrder(order.id));
  return { fulfillmentStatus, paymentStatus, ...(fulfillmentStatus === 'delivered' ? { delivered: true } : {}) };
}

async function tell({ stores, order, newId }: CommandContext, { before, edited, waived }: PlannedEdit, terms: EditTerms, ends: { refundId?: string | undefined; collectionId?: string | undefined; change: OrderChange }): Promise<void> {
  const canceled = edited.lines.flatMap((line) => {
    const quantity = (before.lines.find(({ id }) => id === line.id)?.quantity ?? 0) - line.quantity;
    return quantity > 0 ? [{ orderLineId: line.id, quantity }] : [];
  });
  const { refundId, collectionId, change } = ends;
  await tellOfOrder(stores, newId, 'order.edited', order.id, {
    payload: {
      ...{ editId: terms.editId, currency: before.currency, difference: edited.difference },
      ...(waived > 0 ? { waived } : {}),
      ...(refundId === undefined ? {} : { refundId }),
      ...(collectionId === undefined ? {} : { collectionId }),
    },
    change,
  });
  if (canceled.length === 0) return;
  const payload = { orderId: order.id, lines: snapshotUnits(before, canceled), reason: terms.reason };
  await stores.outbox.append({ id: newId('event'), type: 'order.units_canceled', aggregateId: order.id, payload });
}

/**
 * Makes the order what the changes say: lines, sums, stock, and the refund or the balance of the difference, all in the caller's
 * transaction with the order locked. The edit's row must exist. Raises INVALID_INPUT, NOT_FOUND, INVALID_TRANSITION, CONFLICT.
 */
export async function carryOutEdit(context: CommandContext, changes: readonly EditChange[], terms: EditTerms): Promise<EditOutcome> {
  const { stores, order } = context;
  requirePlaced(order);
  const planned = await planEdit(stores, order.id, changes, terms);
  const { before, edited, settlement, supersedes } = planned;
  await requireQuiet(context, planned);
  await stores.orderEdits.rewrite(order.id, edited);
  await moveStock(context, before, edited, terms.editId);
  if (supersedes !== undefined) await supersede(stores, supersedes, terms.editId);
  const { currency } = before;
  const refundId = settlement.refundDue > 0 ? await refundDifference(context, currency, settlement.refundDue, terms) : undefined;
  const collectionId = settlement.collectDue > 0 ? await collectDifference(context, currency, settlement.collectDue, terms) : undefined;
  await stores.orderEdits.commit(terms.editId, {
    difference: edited.difference,
    refundedValue: edited.refundedValue,
    credit: terms.credit ?? 0,
    refundId: refundId ?? null,
    actor: terms.actor,
  });
  const change = await restate(context);
  await tell(context, planned, terms, { refundId, collectionId, change });
  return {
    ...planned,
    refundId,
    collectionId,
    children: [
      ...(refundId === undefined ? [] : [{ kind: 'refund' as const, id: refundId }]),
      ...(collectionId === undefined ? [] : [{ kind: 'collection' as const, id: collectionId }]),
    ],
    change,
  };
}
