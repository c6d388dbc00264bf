import { GatewayError, type PaymentGateway } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import { capturable } from '../../domain/payments/payment.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Work } from '../stores.ts';
import { authorizeKey, recordPayment, restateOrderPayment } from './record-payment.ts';

/** Renews the order's authorizations that lapse first. Tells false, and calls a person, when one could not be renewed. Raises GatewayError. */
export type RenewAuthorizations = (orderId: string) => Promise<boolean>;

/** How long before its lapse an authorization is renewed: a day, or a quarter of a short one. */
export const renewalDue = (capturableUntil: Date, now: Date): Date =>
  new Date(capturableUntil.getTime() - Math.min(24 * 3_600_000, Math.max(0, capturableUntil.getTime() - now.getTime()) / 4));

const isRefused = (error: unknown): error is GatewayError | DomainError =>
  (error instanceof GatewayError && (error.kind === 'rejected' || error.replayed)) || error instanceof DomainError;

/** Lets go of the authorization that was renewed. One that the gateway will not release lapses by itself. */
async function release(gateway: PaymentGateway, key: string, gatewayRef: string): Promise<void> {
  try {
    await gateway.void({ key, gatewayRef });
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
}

/** Builds the renewal of authorizations over the stores and the gateways. */
export function createRenewAuthorizations(deps: { work: Work; gateways: Gateways; newId: IdGenerator }): RenewAuthorizations {
  const { work, gateways, newId } = deps;

  async function renew(payment: PaymentRecord, gatewayRef: string): Promise<string | undefined> {
    const gateway = gateways.get(payment.gateway);
    if (!gateway.reauthorize) return `${gateway.name} cannot renew an authorization`;
    const earlier = await work.stores.payments.operations(payment.id, 'authorize');
    const open = earlier.find(({ status }) => status === 'pending');
    const key = open?.key ?? authorizeKey(payment, earlier.length + 1);
    const amount = capturable(payment);
    await work.stores.payments.openOperation({ key, paymentId: payment.id, kind: 'authorize', amount });
    const checkout = await work.stores.checkouts.get(payment.checkoutId);
    try {
      const told = await gateway.reauthorize({
        key,
        gatewayRef,
        amount,
        currency: payment.currency,
        paymentMethod: payment.methodToken ?? '',
        ...(payment.customerRef === null ? {} : { customerRef: payment.customerRef }),
        captureMethod: 'manual',
        offSession: true,
        reference: { cartId: checkout?.cartId ?? '', checkoutId: payment.checkoutId, orderId: payment.orderId, paymentId: payment.id },
      });
      if (told.state !== 'authorized') {
        await work.stores.payments.closeOperation(key, { status: 'declined', gatewayRef: told.gatewayRef, errorCode: told.decline?.code ?? told.state });
        return told.decline?.message ?? `The renewed authorization is ${told.state}`;
      }
      await work.transaction(async (stores) => {
        await stores.orders.lock(payment.orderId);
        const locked = await stores.payments.lock(payment.id);
        if (!locked) throw notFound('The payment', 'orderId');
        await recordPayment(stores, locked, told);
        await stores.payments.closeOperation(key, { status: 'succeeded', gatewayRef: told.gatewayRef });
        await restateOrderPayment(stores, payment.orderId);
      });
      if (told.gatewayRef !== gatewayRef) await release(gateway, `${key}/release-previous`, gatewayRef);
      return undefined;
    } catch (error) {
      if (!isRefused(error)) throw error;
      await work.stores.payments.closeOperation(key, { status: 'failed', errorMessage: error.message });
      return error.message;
    }
  }

  /** Lets go of authorizations that were renewed and whose release got no answer. */
  async function releaseEarlier(payment: PaymentRecord, gatewayRef: string): Promise<void> {
    const renewed = (await work.stores.payments.operations(payment.id, 'authorize')).filter(({ status }) => status === 'succeeded');
    for (const [index, earlier] of renewed.entries()) {
      const next = renewed[index + 1];
      if (earlier.gatewayRef === null || earlier.gatewayRef === gatewayRef || next === undefined) continue;
      await release(gateways.get(payment.gateway), `${next.key}/release-previous`, earlier.gatewayRef);
    }
  }

  return async (orderId) => {
    const problems: string[] = [];
    for (const payment of await work.stores.payments.ofOrder(orderId)) {
      const { gatewayRef, status, capturableUntil } = payment;
      if (status !== 'authorized' || capturableUntil === null || gatewayRef === null || payment.captured > 0) continue;
      await releaseEarlier(payment, gatewayRef);
      if (renewalDue(capturableUntil, payment.createdAt) > new Date()) continue;
      const problem = await renew(payment, gatewayRef);
      if (problem !== undefined) problems.push(problem);
    }
    if (problems.length === 0) return true;
    await work.stores.incidents.raise(newId('incident'), {
      kind: 'authorization_expiring',
      subjectId: orderId,
      cause: problems.join('; '),
      nextAction: 'Capture the payment now, or ask the customer for another one',
    });
    return false;
  };
}
