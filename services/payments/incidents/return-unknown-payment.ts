import type { Incident } from '../../../domain/orders/incident.ts';
import { GatewayError, type GatewayPayment, type GatewayRefund, type PaymentGateway } from '../../../domain/payments/gateway.ts';
import type { Gateways } from '../../../domain/payments/gateways.ts';
import type { IncidentOperation } from '../../../domain/payments/incident-operation.ts';
import { DomainError } from '../../../domain/shared/errors.ts';
import type { Work } from '../../stores.ts';
import { paymentOf } from './payment-of.ts';

/** Gives the money of an incident's payment back; tells how the incident was resolved. Repeatable; raises until all of it is back. */
export type ReturnUnknownPayment = (incident: Incident) => Promise<string>;

const isOpen = ({ state }: GatewayPayment): boolean => state !== 'captured' && state !== 'canceled' && state !== 'failed';

/** Builds the way back: each movement is written down under its own key before the gateway is asked for it. */
export function createReturnUnknownPayment(deps: { work: Work; gateways: Gateways }): ReturnUnknownPayment {
  const { incidentOperations: operations } = deps.work.stores;

  async function askRefund(
    gateway: PaymentGateway,
    gatewayRef: string,
    { key, captureRef, amount, currency }: IncidentOperation,
  ): Promise<GatewayRefund> {
    const { sentBefore } = await operations.markSent(key);
    const known = sentBefore ? await gateway.findRefund(gatewayRef, key) : undefined;
    if (known) return known;
    try {
      return await gateway.refund({ key, gatewayRef, captureRef: captureRef ?? '', amount, currency });
    } catch (error) {
      if (!(error instanceof GatewayError) || (error.kind !== 'rejected' && !error.replayed)) throw error;
      const made = error.replayed ? await gateway.findRefund(gatewayRef, key) : undefined;
      return made ?? { gatewayRef: '', state: 'failed', amount, failureReason: error.message };
    }
  }

  async function refund(gateway: PaymentGateway, gatewayRef: string, operation: IncidentOperation): Promise<void> {
    const told = await askRefund(gateway, gatewayRef, operation);
    if (told.state === 'pending') throw new GatewayError('ambiguous', 'The refund is still pending at the gateway');
    if (told.state === 'succeeded') return operations.close(operation.key, { status: 'succeeded', gatewayRef: told.gatewayRef });
    const errorMessage = told.failureReason ?? 'The gateway gave no reason';
    await operations.close(operation.key, { status: 'failed', gatewayRef: told.gatewayRef, errorMessage });
    throw new DomainError('GATEWAY_REJECTED', `The refund failed: ${errorMessage}`);
  }

  async function release(gateway: PaymentGateway, incidentId: string, told: GatewayPayment): Promise<GatewayPayment> {
    const amount = told.capturable > 0 ? told.capturable : told.amount;
    const { key } = await operations.open({ incidentId, kind: 'void', captureRef: null, amount, currency: told.currency });
    await operations.markSent(key);
    let after: GatewayPayment;
    try {
      after = await gateway.void({ key, gatewayRef: told.gatewayRef });
    } catch (error) {
      if (!(error instanceof GatewayError) || error.kind !== 'rejected') throw error;
      await operations.close(key, { status: 'failed', errorMessage: error.message });
      throw error;
    }
    if (after.capturable > 0 || after.state === 'processing')
      throw new GatewayError('ambiguous', `The payment could not be released: it is ${after.state}`);
    await operations.close(key, { status: 'succeeded', gatewayRef: after.gatewayRef });
    return after;
  }

  return async (incident) => {
    const { gateway: name, paymentRef } = paymentOf(incident);
    const gateway = deps.gateways.get(name);
    // What was begun before comes first: the gateway may count it already.
    for (const operation of await operations.ofIncident(incident.id)) {
      if (operation.kind === 'refund' && operation.status === 'pending') await refund(gateway, paymentRef, operation);
    }
    let told = await gateway.retrieve(paymentRef);
    if (isOpen(told)) told = await release(gateway, incident.id, told);
    for (const { ref, amount, refunded } of told.captures) {
      if (amount <= refunded) continue;
      const operation = await operations.open({
        incidentId: incident.id,
        kind: 'refund',
        captureRef: ref,
        amount: amount - refunded,
        currency: told.currency,
      });
      await refund(gateway, paymentRef, operation);
    }
    const done = (await operations.ofIncident(incident.id)).filter(({ status }) => status === 'succeeded');
    const sum = (kind: IncidentOperation['kind']): number =>
      done.reduce((total, operation) => total + (operation.kind === kind ? operation.amount : 0), 0);
    if (done.length === 0) return 'The gateway holds nothing of it any more';
    return `Given back: ${sum('refund')} refunded, ${sum('void')} released (minor units of ${told.currency})`;
  };
}
