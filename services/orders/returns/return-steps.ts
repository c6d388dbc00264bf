import type { IncidentKind } from '../../../domain/orders/incident.ts';
import type { OrderChange } from '../../../domain/orders/order-store.ts';
import { returnSnapshot } from '../../../domain/orders/returns/return-snapshot.ts';
import { orderReturnStatus, returnTransitions } from '../../../domain/orders/returns/return-status.ts';
import type { ReturnChange } from '../../../domain/orders/returns/return-store.ts';
import type { OrderReturn } from '../../../domain/orders/returns/return.ts';
import { notFound } from '../../../domain/shared/errors.ts';
import type { EventType } from '../../../domain/webhooks/event-catalogue.ts';
import type { CommandContext, CommandOutcome } from '../commands/command-handler.ts';
import { readOrder } from '../tell-of-order.ts';

const DAY_MS = 86_400_000;

/** So long a parcel that is on its way may take beyond the day by which it had to be sent. */
const TRANSIT_DAYS = 14;

export const inDays = (from: Date, days: number): Date => new Date(from.getTime() + days * DAY_MS);

/** The return, of this order. Raises NOT_FOUND. */
export async function returnOf({ stores, order }: CommandContext, returnId: string): Promise<OrderReturn> {
  const found = await stores.returns.get(returnId);
  if (!found || found.orderId !== order.id) throw notFound('The return', 'returnId');
  return found;
}

/** Tells integrators, and the customer where there is a mail for it. */
export async function tellOfReturn({ stores, newId }: Pick<CommandContext, 'stores' | 'newId'>, type: Extract<EventType, `return.${string}`>, { id, orderId }: Pick<OrderReturn, 'id' | 'orderId'>, more: object = {}): Promise<void> {
  const subject = await stores.returns.get(id);
  if (!subject) throw notFound('The return', 'returnId');
  const shown = returnSnapshot(subject, await readOrder(stores, orderId));
  await stores.outbox.append({ id: newId('event'), type, aggregateId: orderId, payload: { orderId, returnId: id, return: shown, ...more } });
}

/** What of the order its returns have changed. */
export async function restateReturns({ stores, order }: CommandContext): Promise<OrderChange> {
  const whole = await stores.orders.get(order.id);
  if (!whole) throw notFound('The order', 'orderId');
  return { returnStatus: orderReturnStatus(await stores.returns.ofOrder(order.id), whole.lines) };
}

/** Nobody needs to see to it any more. */
export async function attendIncidents({ stores }: CommandContext, returnId: string, kinds: readonly IncidentKind[], resolution: string): Promise<void> {
  for (const kind of kinds) {
    const incident = await stores.incidents.findOpen(kind, returnId);
    if (incident) await stores.incidents.resolve(incident.id, resolution);
  }
}

/** The outcome of a command on a return: its actor looks again. */
export const returnOutcome = (subject: Pick<OrderReturn, 'id'>, change: OrderChange, detail: object = {}): CommandOutcome => ({
  ids: [subject.id],
  children: [{ kind: 'return', id: subject.id }],
  change,
  detail: { returnId: subject.id, ...detail },
});

/** Whether a label is to be bought before the customer hears of the approval. */
const awaitsLabel = (subject: Pick<OrderReturn, 'sendBack' | 'terms' | 'labelUrl'>): boolean => subject.sendBack && subject.terms.labelProvider !== null && subject.labelUrl === null;

/** The customer hears that it is approved, with the label if there is one, once. */
export async function announceApproval(context: CommandContext, subject: OrderReturn): Promise<void> {
  const { id, labelUrl, sendBackBy } = subject;
  await context.stores.returns.update(id, { announcedAt: context.now });
  if (subject.sendBack) await tellOfReturn(context, 'return.approved', subject, { labelUrl, ...(sendBackBy === null ? {} : { shipBackBy: sendBackBy.toISOString() }) });
  // Nothing is to be sent: there is nothing to tell the customer before it is settled.
  else await tellOfReturn(context, 'return.claim_approved', subject);
}

/** It may be sent back, or is settled without. */
export async function approveReturn(context: CommandContext, subject: OrderReturn, { actor, reason, ...choice }: { actor: string; reason?: string | undefined; sendBack?: boolean | undefined; parcel?: ReturnChange }): Promise<void> {
  returnTransitions.assertTransition(subject.status, 'approved');
  const sendBack = choice.sendBack ?? subject.sendBack;
  const sendBackBy = inDays(context.now, subject.terms.sendBackWithinDays);
  const approved: OrderReturn = { ...subject, ...choice.parcel, sendBack, sendBackBy: sendBack ? sendBackBy : null };
  await context.stores.returns.update(subject.id, {
    ...choice.parcel,
    status: 'approved',
    sendBack,
    decidedBy: actor,
    decidedAt: context.now,
    ...(reason === undefined ? {} : { decisionReason: reason }),
    ...(sendBack ? { sendBackBy } : {}),
  });
  if (!awaitsLabel(approved)) await announceApproval(context, approved);
  await attendIncidents(context, subject.id, ['return_undecided'], 'It was approved');
}

/** Until when a parcel that is on its way is waited for. */
export const waitsForParcelUntil = ({ sendBackBy }: OrderReturn, now: Date): Date => {
  const latest = inDays(now, TRANSIT_DAYS);
  return sendBackBy !== null && sendBackBy > latest ? sendBackBy : latest;
};
