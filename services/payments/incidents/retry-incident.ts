import type { ActorStarter } from '../../../domain/checkout/actor-starter.ts';
import type { FulfillmentProcess } from '../../../domain/orders/fulfillment-process.ts';
import { fulfillmentTransitions } from '../../../domain/orders/fulfillment.ts';
import type { Incident } from '../../../domain/orders/incident.ts';
import type { GatewayPayment } from '../../../domain/payments/gateway.ts';
import type { Gateways } from '../../../domain/payments/gateways.ts';
import type { PaymentRefresher } from '../../../domain/payments/payment-refresher.ts';
import { compareBooks, ledgerHasLess } from '../../../domain/payments/reconciliation.ts';
import { DomainError, notFound } from '../../../domain/shared/errors.ts';
import { isId } from '../../../domain/shared/ids.ts';
import { resendNotification } from '../../orders/notifications/resend-notification.ts';
import type { Work } from '../../stores.ts';
import type { MoneyCommands } from './money-commands.ts';
import { paymentOf } from './payment-of.ts';

/** What looking again came to: how it was resolved, or why it stays open. */
export type RetryOutcome = { readonly resolved: string } | { readonly open: string };

/** Looks again now, or tries again what failed. Repeatable. */
export type RetryIncident = (incident: Incident, actor: string) => Promise<RetryOutcome>;

/** Minor units that the gateway holds or may take. */
const heldOf = ({ captured, refunded, capturable }: GatewayPayment): number => captured - refunded + capturable;

/** Builds it. */
export function createRetryIncident(deps: {
  work: Work;
  gateways: Gateways;
  actors: ActorStarter;
  refresher: PaymentRefresher;
  money: MoneyCommands;
  parcels: Pick<FulfillmentProcess, 'notify'>;
}): RetryIncident {
  const { work, gateways, actors, refresher, money, parcels } = deps;
  const { stores } = work;
  const eventOf = (incident: Incident): string => `incident/${incident.id}`;

  async function unknownPayment(incident: Incident): Promise<RetryOutcome> {
    const { gateway, paymentRef } = paymentOf(incident);
    const told = await gateways.get(gateway).retrieve(paymentRef);
    const named = told.reference && (await stores.payments.get(told.reference.paymentId));
    const ours = (await stores.payments.ofGatewayRef(gateway, paymentRef)) ?? named;
    if (ours) {
      await stores.reconciliation.assign(gateway, paymentRef, ours.id);
      await refresher.refresh(ours.id);
      return { resolved: `It is the payment ${ours.id} of order ${ours.orderId}` };
    }
    return heldOf(told) <= 0
      ? { resolved: 'The gateway holds nothing of it any more' }
      : { open: 'The payment is still not ours and holds money' };
  }

  async function books(incident: Incident): Promise<RetryOutcome> {
    if (incident.paymentId === null) throw new DomainError('INVALID_TRANSITION', 'The incident names no payment', 'id');
    const payment = await stores.payments.get(incident.paymentId);
    if (incident.gateway !== null && incident.paymentRef !== null && incident.paymentRef !== payment?.gatewayRef) {
      const second = await gateways.get(incident.gateway).retrieve(incident.paymentRef);
      return heldOf(second) <= 0
        ? { resolved: 'The gateway holds nothing of it any more' }
        : { open: 'The second payment still holds money' };
    }
    await refresher.refresh(incident.paymentId);
    const entry = await stores.reconciliation.entry(incident.paymentId);
    if (!entry) throw notFound('The payment');
    const finding = compareBooks(entry);
    if (finding.kind === 'mismatch') return { open: finding.cause };
    return finding.kind === 'agrees' && !ledgerHasLess(entry)
      ? { resolved: "Our books and the gateway's ledger agree" }
      : { open: "Our books and the gateway's ledger, as it was last read, differ" };
  }

  async function stuckOperation(incident: Incident): Promise<RetryOutcome> {
    const operation = await stores.payments.operation(incident.subjectId);
    if (!operation) throw notFound('The operation');
    if (operation.status !== 'pending') return { resolved: `The ${operation.kind} ${operation.status}` };
    const payment = await stores.payments.get(operation.paymentId);
    if (!payment) throw notFound('The payment');
    await wakeOwner(incident, payment.checkoutId);
    return { open: 'Its owner was woken: look again soon' };
  }

  /** The order's actor when there is an order, else the checkout's. */
  async function wakeOwner(incident: Incident, checkoutId: string): Promise<void> {
    const checkout = await stores.checkouts.get(checkoutId);
    if (!checkout) throw notFound('The checkout');
    if (checkout.status !== 'placed') {
      await actors.notifyCheckout({ cartId: checkout.cartId, checkoutId, eventId: eventOf(incident) });
      return;
    }
    for (const { id, orderId } of await stores.payments.allOfCheckout(checkoutId)) {
      await actors.notifyOrder({ orderId, paymentId: id, eventId: eventOf(incident) });
    }
  }

  async function moneyNotReturned(incident: Incident): Promise<RetryOutcome> {
    const { subjectId } = incident;
    if (isId('refund', subjectId)) {
      const refund = await stores.refunds.get(subjectId);
      if (refund?.status === 'succeeded') return { resolved: 'The refund was made' };
      await actors.notifyRefund({ refundId: subjectId, eventId: eventOf(incident) });
      return { open: 'The refund was woken: look again soon' };
    }
    const payments = await stores.payments.allOfCheckout(subjectId);
    const settled = payments.every(
      ({ status, captured, refunded, credited }) =>
        (status === 'captured' || status === 'canceled' || status === 'failed') && captured <= refunded + credited,
    );
    if (settled && payments.length > 0) return { resolved: 'All of the money is back' };
    await wakeOwner(incident, subjectId);
    return { open: 'Its owner was woken: look again soon' };
  }

  async function refundFailed({ subjectId }: Incident, actor: string): Promise<RetryOutcome> {
    const refund = await stores.refunds.get(subjectId);
    if (!refund) throw notFound('The refund');
    if (refund.status === 'succeeded') return { resolved: 'The refund was made' };
    if (refund.status === 'failed') await money.retryRefund(subjectId, actor);
    return { resolved: 'The refund was taken up again' };
  }

  async function captureFailed({ subjectId }: Incident, actor: string): Promise<RetryOutcome> {
    const captured = async (): Promise<boolean> =>
      (await stores.payments.ofOrder(subjectId)).every(({ status }) => status !== 'authorized');
    if (!(await captured())) await money.captureOrder(subjectId, actor);
    return (await captured()) ? { resolved: 'Nothing is left to capture' } : { open: 'Something is still to be captured' };
  }

  async function authorization({ subjectId }: Incident): Promise<RetryOutcome> {
    await refresher.refreshOrder(subjectId);
    const open = (await stores.payments.ofOrder(subjectId)).filter(
      ({ status, captured }) => captured === 0 && status !== 'failed',
    );
    return open.length === 0 ? { resolved: 'The order is paid' } : { open: 'The order is not paid' };
  }

  async function parcel({ subjectId }: Incident): Promise<RetryOutcome> {
    const { status } = (await stores.fulfillments.get(subjectId)) ?? {};
    if (status === undefined) throw notFound('The fulfillment');
    if (fulfillmentTransitions.isTerminal(status)) return { resolved: `The parcel is ${status}` };
    await parcels.notify(subjectId);
    return { open: 'Its owner was woken: look again soon' };
  }

  async function mail({ subjectId }: Incident, actor: string): Promise<RetryOutcome> {
    const { status } = (await stores.notifications.get(subjectId)) ?? {};
    if (status === undefined) throw notFound('The notification');
    if (status === 'sent') return { resolved: 'The mail was sent' };
    if (status === 'failed') await resendNotification(work, subjectId, actor);
    return { open: 'The mail is sent again: look again soon' };
  }

  return async (incident, actor) => {
    switch (incident.kind) {
      case 'unknown_payment':
        return unknownPayment(incident);
      case 'payment_mismatch':
      case 'missing_at_gateway':
        return books(incident);
      case 'operation_stuck':
        return stuckOperation(incident);
      case 'money_not_returned':
        return moneyNotReturned(incident);
      case 'refund_failed':
        return refundFailed(incident, actor);
      case 'capture_failed':
        return captureFailed(incident, actor);
      case 'fulfillment_stuck':
        return parcel(incident);
      case 'notification_failed':
        return mail(incident, actor);
      case 'authorization_expiring':
      case 'authorization_lost':
        return authorization(incident);
      default:
        throw new DomainError('INVALID_TRANSITION', 'There is nothing to try again', 'id');
    }
  };
}
