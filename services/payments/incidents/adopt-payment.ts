import type { ActorStarter } from '../../../domain/checkout/actor-starter.ts';
import type { Incident } from '../../../domain/orders/incident.ts';
import type { Gateways } from '../../../domain/payments/gateways.ts';
import { DomainError, invalid, notFound } from '../../../domain/shared/errors.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import type { Work } from '../../stores.ts';
import { restateOrderPayment, statusOf } from '../record-payment.ts';
import { paymentOf } from './payment-of.ts';

/** Makes a gateway's payment that was nobody's one of an order; tells how the incident was resolved. Repeatable. */
export type AdoptPayment = (incident: Incident, orderId: string | undefined) => Promise<string>;

/** Builds the adoption. The amounts are the gateway's, read back; the payment stands beside the order's others. */
export function createAdoptPayment(deps: {
  work: Work;
  gateways: Gateways;
  actors: ActorStarter;
  newId: IdGenerator;
}): AdoptPayment {
  const { work, gateways, actors, newId } = deps;
  return async (incident, orderId) => {
    if (orderId === undefined) throw invalid('orderId', 'Say which order the payment belongs to');
    const { gateway, paymentRef } = paymentOf(incident);
    const told = await gateways.get(gateway).retrieve(paymentRef);
    if (told.captured === 0 && told.capturable === 0) {
      throw new DomainError('INVALID_TRANSITION', `The gateway holds no money of the payment: it is ${told.state}`, 'id');
    }
    const paymentId = await work.transaction(async (stores) => {
      const head = await stores.orders.lock(orderId);
      const order = await stores.orders.get(orderId);
      if (!order || !head) throw notFound('The order', 'orderId');
      const known = await stores.payments.ofGatewayRef(gateway, paymentRef);
      if (known && known.orderId !== orderId)
        throw new DomainError('CONFLICT', `The payment belongs to the order ${known.orderId}`, 'orderId');
      if (known) return known.id;
      if (order.currency !== told.currency)
        throw invalid('orderId', `The order is in ${order.currency}, the payment in ${told.currency}`);
      const id = newId('payment');
      const siblings = await stores.payments.allOfCheckout(head.checkoutId);
      await stores.payments.insert({
        id,
        checkoutId: head.checkoutId,
        orderId,
        position: Math.max(0, ...siblings.map(({ position }) => position)) + 1,
        gateway,
        storedValueAccountId: null,
        captureMethod: told.state === 'captured' ? 'automatic' : 'manual',
        currency: told.currency,
        amount: told.amount,
        methodToken: null,
        customerRef: null,
      });
      await stores.payments.update(id, {
        status: statusOf(told.state),
        gatewayRef: told.gatewayRef,
        captured: told.captured,
        captures: told.captures.map(({ ref, amount }) => ({ ref, amount })),
        capturableUntil: told.capturableUntil ?? null,
        ...(told.method ? { method: told.method } : {}),
      });
      await stores.reconciliation.assign(gateway, paymentRef, id);
      await restateOrderPayment(stores, orderId);
      return id;
    });
    // Its actor reads it back: refunds that were made already are written down.
    await actors.notifyOrder({ orderId, paymentId, eventId: `incident/${incident.id}` });
    return `Adopted as payment ${paymentId} of order ${orderId}`;
  };
}
