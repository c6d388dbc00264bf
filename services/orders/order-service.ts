import type { Incident, NewIncident } from '../../domain/orders/incident.ts';
import type { IncidentService } from '../../domain/orders/incident-service.ts';
import { isOpenFulfillment, MANUAL_PROVIDER } from '../../domain/orders/fulfillment.ts';
import type { Order } from '../../domain/orders/order.ts';
import type { OrderReader } from '../../domain/orders/order-reader.ts';
import { orderTransitions } from '../../domain/orders/order-status.ts';
import type { OrderStatus } from '../../domain/orders/order-status.ts';
import { renewalDue } from '../payments/renew-authorizations.ts';
import type { OrderTask } from '../../domain/orders/order-task.ts';
import { isWithBank } from '../../domain/payments/dispute-record.ts';
import { shipmentDue } from '../../domain/orders/shipment-due.ts';
import type { OrderHead } from '../../domain/orders/order-store.ts';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { orderPaymentStatus } from '../../domain/payments/order-payment-status.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import { hashCartToken } from '../checkout/cart-tokens.ts';
import type { Stores, Work } from '../stores.ts';
import { readOrder, tellOfOrder } from './tell-of-order.ts';

/** The steps of an order's life, each one transaction and safe to repeat. */
export interface OrderService {
  loadTask(orderId: string): Promise<OrderTask>;
  /** Marks the order as being canceled and writes who asked. Raises INVALID_TRANSITION when it cannot be canceled now. */
  beginCancel(orderId: string, request: { reason: string; actor: string }): Promise<OrderTask>;
  /** The money is back: puts the stock back and ends the order. */
  finishCancel(orderId: string): Promise<{ status: OrderStatus }>;
  /** Ends the order when nothing can happen to it any more; tells its status, which stays when something can. */
  complete(orderId: string): Promise<{ status: OrderStatus }>;
  noteCaptureFailed(orderId: string): Promise<void>;
  raiseIncident(incident: NewIncident): Promise<void>;
}

/** The authorization that lapses first. */
function renewalOf(payments: readonly PaymentRecord[], now: Date): OrderTask['renewal'] {
  const [first] = payments
    .flatMap(({ status, captured, capturableUntil, createdAt }) =>
      status === 'authorized' && captured === 0 && capturableUntil ? [{ lapsesAt: capturableUntil, dueAt: renewalDue(capturableUntil, createdAt) }] : [],
    )
    .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
  if (!first) return undefined;
  const millisUntil = (instant: Date): number => Math.max(0, instant.getTime() - now.getTime());
  return { inMs: millisUntil(first.dueAt), lapsesInMs: millisUntil(first.lapsesAt), lapsesAt: first.lapsesAt.toISOString() };
}

const DAY_MS = 86_400_000;

/** Milliseconds until the order can end; undefined while something is open. */
function completesIn(order: OrderHead, whole: Order, now: Date): number | undefined {
  const { fulfillmentStatus, returnStatus, deliveredAt } = whole;
  const settled = whole.payments.every(({ status, refundPending }) => refundPending === 0 && status !== 'authorized' && status !== 'deferred');
  if (!settled || returnStatus === 'requested' || returnStatus === 'in_progress') return undefined;
  if (fulfillmentStatus !== 'delivered' || deliveredAt === null) return undefined;
  return Math.max(0, deliveredAt.getTime() + order.returnWindowDays * DAY_MS - now.getTime());
}

async function taskOf(stores: Stores, order: OrderHead, now: Date): Promise<OrderTask> {
  const { status, checkoutId, captureMode } = order;
  if (status !== 'placed') return { status, checkoutId, captureDue: false };
  const payments = await stores.payments.ofOrder(order.id);
  const whole = await stores.orders.get(order.id);
  const unfinished = (await stores.payments.unfinished(order.id)).map(({ key }) => key);
  const renewal = renewalOf(payments, now);
  const due = whole && captureMode === 'on_fulfillment' ? shipmentDue(whole, order.total, payments) : 0;
  const owes = (await stores.collections.unpaidOfOrder(order.id)) !== undefined;
  const completesInMs = whole && !owes ? completesIn(order, whole, now) : undefined;
  return {
    status,
    checkoutId,
    // Authorized in a channel that takes the money at once: a review may have made an automatic capture wait.
    captureDue: order.paymentStatus === 'authorized' && (captureMode === 'automatic' || captureMode === 'after_placement'),
    ...(renewal ? { renewal } : {}),
    ...(unfinished.length > 0 ? { unfinished } : {}),
    ...(due > 0 ? { shipmentDue: due } : {}),
    ...(completesInMs === undefined ? {} : { completesInMs }),
  };
}

/** Cancels the parcels that an operator packs; raises INVALID_TRANSITION when one is with a provider, who must be asked first. */
async function cancelOpenFulfillments(stores: Stores, orderId: string, reason: string): Promise<void> {
  const open = (await stores.fulfillments.ofOrder(orderId)).filter(({ status }) => isOpenFulfillment(status));
  const elsewhere = open.find(({ provider }) => provider !== MANUAL_PROVIDER);
  if (elsewhere) {
    throw new DomainError('INVALID_TRANSITION', `Fulfillment ${elsewhere.id} is with ${elsewhere.provider}: cancel it first`, 'orderId');
  }
  for (const { id, lines } of open) {
    await stores.fulfillments.update(id, { status: 'canceled', cancelReason: reason });
    await stores.orders.moveUnits(
      orderId,
      lines.map(({ orderLineId, quantity }) => ({ orderLineId, inFulfillment: -quantity })),
    );
  }
}

async function lock(stores: Stores, orderId: string): Promise<OrderHead> {
  const order = await stores.orders.lock(orderId);
  if (!order) throw notFound('The order', 'orderId');
  return order;
}

/** The use cases of an order's actor. */
export function createOrderService(deps: { work: Work; newId: IdGenerator; now: () => Date }): OrderService {
  const { work, newId, now } = deps;
  return {
    loadTask: (orderId) => work.transaction(async (stores) => taskOf(stores, await lock(stores, orderId), now())),

    beginCancel: (orderId, { reason, actor }) =>
      work.transaction(async (stores) => {
        const order = await lock(stores, orderId);
        if (order.status === 'canceling' || order.status === 'canceled') return taskOf(stores, order, now());
        orderTransitions.assertTransition(order.status, 'canceling');
        if (order.fulfillmentStatus !== 'unfulfilled') {
          throw new DomainError('INVALID_TRANSITION', `The order is ${order.fulfillmentStatus}: ask for a return instead`, 'orderId');
        }
        if ((await stores.disputes.ofOrder(orderId)).some(({ status }) => isWithBank(status))) {
          throw new DomainError('INVALID_TRANSITION', 'The payment is disputed: accept the dispute, or wait for the bank', 'orderId');
        }
        await cancelOpenFulfillments(stores, orderId, reason);
        await stores.orders.update(orderId, { status: 'canceling', cancelReason: reason });
        await stores.audit.append({ actor, action: 'order.cancel', subjectId: orderId, detail: { reason } });
        const balance = await stores.collections.unpaidOfOrder(orderId);
        return { ...(await taskOf(stores, { ...order, status: 'canceling' }, now())), ...(balance ? { balanceId: balance.id } : {}) };
      }),

    finishCancel: (orderId) =>
      work.transaction(async (stores) => {
        const order = await lock(stores, orderId);
        if (order.status !== 'canceling') return { status: order.status };
        const payments = await stores.payments.ofOrder(orderId);
        // Not all of it is refunded where the bank has taken it in a dispute.
        const paid = payments.some(({ captured }) => captured > 0);
        const paymentStatus = paid ? orderPaymentStatus(order.total, payments) : payments.length === 0 ? 'refunded' : 'voided';
        await stores.inventory.deallocate(order.checkoutId, orderId);
        await stores.orders.update(orderId, { status: 'canceled', paymentStatus, fulfillmentStatus: 'restocked', canceled: true });
        const { cancelReason } = await readOrder(stores, orderId);
        await tellOfOrder(stores, newId, 'order.canceled', orderId, { payload: { number: order.number, paymentStatus, reason: cancelReason } });
        return { status: 'canceled' };
      }),

    complete: (orderId) =>
      work.transaction(async (stores) => {
        const order = await lock(stores, orderId);
        const { completesInMs } = await taskOf(stores, order, now());
        if (completesInMs !== 0) return { status: order.status };
        orderTransitions.assertTransition(order.status, 'completed');
        await stores.orders.update(orderId, { status: 'completed', completed: true });
        await tellOfOrder(stores, newId, 'order.completed', orderId, { payload: { number: order.number } });
        return { status: 'completed' };
      }),

    noteCaptureFailed: (orderId) => work.transaction((stores) => stores.orders.update(orderId, { paymentStatus: 'failed' })),

    async raiseIncident(incident) {
      await work.stores.incidents.raise(newId('incident'), incident);
    },
  };
}

/** What the API reads of orders. */
export const createOrderReader = (work: Work): OrderReader => ({
  get: (orderId) => work.stores.orders.get(orderId),
  findByNumber: (number) => work.stores.orders.findByNumber(number),
  async findByCartToken(token) {
    const cart = await work.stores.carts.findByToken(hashCartToken(token));
    return cart?.orderId == null ? undefined : work.stores.orders.get(cart.orderId);
  },
  list: (page, filter) => work.stores.orders.list(page, filter),
});

/** What operators do with incidents. */
export const createIncidentService = (work: Work): IncidentService => ({
  list: (page, filter) => work.stores.incidents.list(page, filter),
  async resolve(id, { resolution, actor }): Promise<Incident> {
    return work.transaction(async (stores) => {
      const open = await stores.incidents.lock(id);
      if (open && open.resolvedAt === null && open.action !== null) {
        throw new DomainError('INVALID_TRANSITION', `Something is being done about the incident: ${open.action}`, 'id');
      }
      const incident = await stores.incidents.resolve(id, resolution);
      if (!incident) throw notFound('The open incident', 'id');
      await stores.audit.append({ actor, action: 'incident.resolve', subjectId: id, detail: { resolution } });
      return incident;
    });
  },
});
