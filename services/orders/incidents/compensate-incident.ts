import { isOpenFulfillment } from '../../../domain/orders/fulfillment.ts';
import type { Incident } from '../../../domain/orders/incident.ts';
import type { OrderProcess } from '../../../domain/orders/order-process.ts';
import type { Order } from '../../../domain/orders/order.ts';
import { refundable } from '../../../domain/payments/payment.ts';
import type { Refund } from '../../../domain/payments/refund.ts';
import { DomainError, notFound } from '../../../domain/shared/errors.ts';
import { isId, type IdGenerator } from '../../../domain/shared/ids.ts';
import type { Work } from '../../stores.ts';

/** Undoes what could not be finished, so that the customer is whole; tells how. Repeatable. */
export type CompensateIncident = (incident: Incident, request: { reason: string; actor: string }) => Promise<string>;

/** Builds it over the orders' actors, which alone change an order. */
export function createCompensateIncident(deps: {
  work: Work;
  orders: Pick<OrderProcess, 'cancel' | 'refund' | 'command'>;
  newId: IdGenerator;
}): CompensateIncident {
  const { work, orders, newId } = deps;
  const { stores } = work;

  async function orderOf(orderId: string): Promise<Order> {
    const order = await stores.orders.get(orderId);
    if (!order) throw new DomainError('INVALID_TRANSITION', 'There is no order to make it good to', 'id');
    return order;
  }

  async function cancel(orderId: string, request: { reason: string; actor: string }): Promise<string> {
    await orders.cancel(orderId, request);
    return 'The order was canceled';
  }

  /** Store credit in place of money that a gateway will not give back; the note makes a repeated step find what it did. */
  async function credit(incident: Incident, order: Order, wish: Pick<Refund, 'lines' | 'shippingAmount'> & { amount: number }, actor: string): Promise<string> {
    const note = `incident ${incident.id}`;
    if (order.refunds.some((refund) => refund.note === note && refund.status !== 'failed')) return 'The customer got store credit';
    if (wish.amount <= 0 && wish.lines.length === 0 && wish.shippingAmount === 0) return 'Nothing is owed any more';
    await orders.refund(order.id, {
      refundId: newId('refund'),
      version: order.version,
      lines: wish.lines.map(({ orderLineId, quantity }) => ({ orderLineId, quantity })),
      shippingAmount: wish.shippingAmount,
      amount: wish.amount,
      destination: 'store_credit',
      fallback: 'incident',
      reason: 'the gateway refused the refund',
      note,
      actor,
    });
    return 'The customer got store credit';
  }

  async function creditRefund(incident: Incident, actor: string): Promise<string> {
    const refund = await stores.refunds.get(incident.subjectId);
    if (!refund) throw notFound('The refund', 'id');
    if (refund.status !== 'failed') throw new DomainError('INVALID_TRANSITION', `The refund is ${refund.status}`, 'id');
    const failed = refund.parts.filter(({ status }) => status === 'failed').reduce((sum, { amount }) => sum + amount, 0);
    const order = await orderOf(refund.orderId);
    // Units count again only when none of it came back: a part of them cannot be named.
    if (failed < refund.amount) return credit(incident, order, { lines: [], shippingAmount: 0, amount: failed }, actor);
    const rest = refund.amount - refund.shippingAmount - refund.lines.reduce((sum, { amount }) => sum + amount, 0);
    return credit(incident, order, { ...refund, amount: Math.max(0, rest) }, actor);
  }

  async function creditRest(incident: Incident, actor: string): Promise<string> {
    if (isId('refund', incident.subjectId)) return creditRefund(incident, actor);
    const [payment] = await stores.payments.allOfCheckout(incident.subjectId);
    if (!payment) throw notFound('The payment', 'id');
    const order = await orderOf(payment.orderId);
    const left = (await stores.payments.ofOrder(order.id)).reduce((sum, each) => sum + refundable(each), 0);
    return credit(incident, order, { lines: [], shippingAmount: 0, amount: left }, actor);
  }

  async function giveUpParcel(incident: Incident, { reason, actor }: { reason: string; actor: string }): Promise<string> {
    const parcel = await stores.fulfillments.get(incident.subjectId);
    if (!parcel) throw notFound('The fulfillment', 'id');
    if (parcel.status === 'canceled') return 'The fulfillment was canceled';
    if (!isOpenFulfillment(parcel.status)) {
      throw new DomainError('INVALID_TRANSITION', `The parcel is ${parcel.status}: note what has become of it, or refund it`, 'id');
    }
    await orders.command(parcel.orderId, {
      kind: 'move_fulfillment',
      commandId: `${incident.id}/compensate`,
      actor,
      fulfillmentId: parcel.id,
      to: 'canceled',
      reason,
    });
    return 'The fulfillment was canceled; its units can be sent another way';
  }

  /** What a provider will not carry and nobody else shall: its units are taken out of the order, and paid back. */
  async function takeUnitsOut(incident: Incident, { reason, actor }: { reason: string; actor: string }): Promise<string> {
    const parcel = await stores.fulfillments.get(incident.subjectId);
    if (!parcel) throw notFound('The fulfillment', 'id');
    const { lines } = await orderOf(parcel.orderId);
    const inParcel = (lineId: string): number => parcel.lines.find(({ orderLineId }) => orderLineId === lineId)?.quantity ?? 0;
    if (lines.every(({ id, quantity }) => quantity <= inParcel(id))) return cancel(parcel.orderId, { reason, actor });
    await orders.command(parcel.orderId, { kind: 'cancel_units', commandId: `${incident.id}/compensate`, actor, reason, lines: parcel.lines });
    return 'Its units were taken out of the order';
  }

  return async (incident, request) => {
    switch (incident.kind) {
      case 'capture_failed':
      case 'authorization_expiring':
      case 'authorization_lost':
        return cancel(incident.subjectId, request);
      case 'refund_failed':
        return creditRefund(incident, request.actor);
      case 'money_not_returned':
        return creditRest(incident, request.actor);
      case 'fulfillment_stuck':
        return giveUpParcel(incident, request);
      case 'fulfillment_refused':
        return takeUnitsOut(incident, request);
      default:
        throw new DomainError('INVALID_TRANSITION', 'There is nothing to make good', 'action');
    }
  };
}
