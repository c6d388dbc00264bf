import { GatewayError, type GatewayPayment } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import type { OperationOutcome } from '../../domain/payments/operation-outcome.ts';
import { shipmentDue } from '../../domain/orders/shipment-due.ts';
import { capturable } from '../../domain/payments/payment.ts';
import type { PaymentOperation, PaymentRecord } from '../../domain/payments/payment-store.ts';
import { DomainError, invalid, notFound, VersionMismatchError } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores, Work } from '../stores.ts';
import { paymentHead, tellOfCapture } from './tell-of-payment.ts';
import { recordPayment, restateOrderPayment } from './record-payment.ts';

/** Takes money that was authorized, or notes money that came in outside. */
export interface CaptureCommand {
  readonly orderId: string;
  /** The order's version that the operator saw; absent for the system's own captures. */
  readonly version?: number;
  /** Minor units; everything that is open when absent. */
  readonly amount?: number;
  /** Release what is not captured. */
  readonly final: boolean;
  /** `deferred`: an operator says that a payment outside has come in. */
  readonly of: 'authorized' | 'deferred';
  readonly actor: string;
}

/** An order's captures and voids: first written down, all in one transaction, then carried out one by one. */
export interface OrderPayments {
  /**
   * Opens the operations of a capture; tells their keys. One that is under way already is joined when it is the same.
   * Raises NOT_FOUND, INVALID_INPUT, INVALID_TRANSITION, CONFLICT, VersionMismatchError.
   */
  beginCapture(command: CaptureCommand): Promise<string[]>;
  /** Opens the capture of what has been shipped and not been paid yet, in a channel that captures with each shipment. Raises NOT_FOUND. */
  beginShipmentCapture(orderId: string): Promise<string[]>;
  /** Opens the release of every open authorization. Raises NOT_FOUND, INVALID_TRANSITION, VersionMismatchError. */
  beginVoid(command: { orderId: string; version: number; actor: string }): Promise<string[]>;
  /** Carries one operation out at its gateway and records what came of it. Raises GatewayError when there is no answer. */
  run(key: string): Promise<OperationOutcome>;
}

/** What can still be captured, and no more than the order is worth now: an edit may have made it less than was authorized. */
function leftToCapture(total: number, payments: readonly PaymentRecord[], open: readonly PaymentRecord[]): number {
  const captured = payments.reduce((sum, payment) => sum + payment.captured, 0);
  const left = open.reduce((sum, payment) => sum + capturable(payment), 0);
  return Math.max(0, Math.min(left, total - captured));
}

/** How often a stored failure is answered with a fresh key before it counts as one. */
const FRESH_KEYS = 3;

const ended = ({ key, status }: PaymentOperation): OperationOutcome | undefined => (status === 'pending' ? undefined : { key, status });

/** Builds the order's payment steps over the stores and the gateways. */
export function createOrderPayments(deps: { work: Work; gateways: Gateways; newId: IdGenerator }): OrderPayments {
  const { work, gateways, newId } = deps;

  async function openOrder(stores: Stores, orderId: string, version: number | undefined) {
    const order = await stores.orders.lock(orderId);
    if (!order) throw notFound('The order', 'orderId');
    const payments = await stores.payments.ofOrder(orderId);
    const pending: PaymentOperation[] = [];
    for (const payment of payments) {
      for (const kind of ['capture', 'void'] as const) {
        pending.push(...(await stores.payments.operations(payment.id, kind)).filter(({ status }) => status === 'pending'));
      }
    }
    const check = (): void => {
      if (version !== undefined && order.version !== version) throw new VersionMismatchError(order.version);
      if (order.status !== 'placed') throw new DomainError('INVALID_TRANSITION', `The order is ${order.status}`, 'orderId');
    };
    return { order, payments, pending, check };
  }

  const nextKey = async (stores: Stores, payment: PaymentRecord, kind: 'capture' | 'void'): Promise<string> =>
    `${payment.id}/${kind}/${(await stores.payments.operations(payment.id, kind)).length + 1}`;

  async function openCapture(stores: Stores, payment: PaymentRecord, amount: number, final: boolean): Promise<string> {
    const key = await nextKey(stores, payment, 'capture');
    await stores.payments.openOperation({ key, paymentId: payment.id, kind: 'capture', amount, expectedCaptured: payment.captured + amount, final });
    return key;
  }

  /** Takes an amount from the payments in their order. */
  async function openCaptures(stores: Stores, open: readonly PaymentRecord[], amount: number, final: boolean): Promise<string[]> {
    const keys: string[] = [];
    let toTake = amount;
    for (const payment of open) {
      const taken = Math.min(toTake, capturable(payment));
      if (taken === 0) continue;
      toTake -= taken;
      const last = final || taken === capturable(payment) || !gateways.get(payment.gateway).multipleCaptures;
      keys.push(await openCapture(stores, payment, taken, last));
    }
    return keys;
  }

  /** Whether the gateway's word shows the operation as done. */
  const isDone = (operation: PaymentOperation, told: GatewayPayment): boolean =>
    operation.kind === 'capture' ? told.captured >= (operation.expectedCaptured ?? operation.amount) : told.capturable === 0 && told.state !== 'processing';

  /** The bank has the capture and has not decided: another one would take the money twice. */
  const awaitsBank = (operation: PaymentOperation, told: GatewayPayment): boolean => operation.kind === 'capture' && (told.pendingCapture ?? 0) > 0;

  async function ask(operation: PaymentOperation, payment: PaymentRecord, gatewayRef: string): Promise<GatewayPayment> {
    const gateway = gateways.get(payment.gateway);
    const { key, amount, final } = operation;
    return operation.kind === 'capture'
      ? gateway.capture({ key, gatewayRef, amount, currency: payment.currency, final })
      : gateway.void({ key, gatewayRef });
  }

  async function record(operation: PaymentOperation, payment: PaymentRecord, told: GatewayPayment, reason: string | undefined): Promise<OperationOutcome> {
    const done = isDone(operation, told);
    if (!done && awaitsBank(operation, told)) return { key: operation.key, status: 'pending', reason: 'The bank has yet to decide' };
    const status = done ? 'succeeded' : told.decline ? 'declined' : 'failed';
    const why = done ? undefined : (told.decline?.message ?? reason ?? `The payment is ${told.state}`);
    await work.transaction(async (stores) => {
      await stores.orders.lock(payment.orderId);
      const locked = await stores.payments.lock(payment.id);
      if (!locked) throw notFound('The payment', 'orderId');
      // A capture's decline leaves the authorization as it was.
      const recorded = await recordPayment(stores, locked, told.state === 'failed' && locked.status === 'authorized' ? { ...told, state: 'authorized' } : told);
      await stores.payments.closeOperation(operation.key, {
        status,
        gatewayRef: told.gatewayRef,
        ...(told.decline ? { errorCode: told.decline.code } : {}),
        ...(why === undefined ? {} : { errorMessage: why }),
      });
      const paymentStatus = await restateOrderPayment(stores, payment.orderId);
      const { amount } = operation;
      if (done && operation.kind === 'capture') return tellOfCapture(stores, newId, { payment: recorded, amount, paymentStatus });
      const failure = done ? {} : { operation: operation.kind, code: told.decline?.code ?? null, reason: why };
      await stores.outbox.append({
        id: newId('event'),
        type: done ? 'payment.voided' : 'payment.failed',
        aggregateId: payment.orderId,
        payload: { ...paymentHead(recorded, paymentStatus), amount, ...failure },
      });
    });
    return { key: operation.key, status, ...(why === undefined ? {} : { reason: why }) };
  }

  /** Asks under a fresh key what a stored failure would be replayed for under the old one. */
  async function renew(operation: PaymentOperation, payment: PaymentRecord, cause: GatewayError): Promise<PaymentOperation> {
    return work.transaction(async (stores) => {
      await stores.payments.lock(payment.id);
      await stores.payments.closeOperation(operation.key, { status: 'failed', errorCode: 'stored_failure', errorMessage: cause.message });
      const kind = operation.kind === 'capture' ? 'capture' : 'void';
      const { amount, final, expectedCaptured } = operation;
      const key = await nextKey(stores, payment, kind);
      const opened = await stores.payments.openOperation({ key, paymentId: payment.id, kind, amount, final, expectedCaptured });
      return opened.operation;
    });
  }

  return {
    beginCapture: (command) =>
      work.transaction(async (stores) => {
        const { orderId, of } = command;
        const { order, payments, pending, check } = await openOrder(stores, orderId, command.version);
        const open = payments.filter((payment) => payment.status === of && capturable(payment) > 0);
        const left = leftToCapture(order.total, payments, open);
        if (pending.length > 0) {
          const same = pending.every(({ kind }) => kind === 'capture') && pending.reduce((sum, { amount }) => sum + amount, 0) === (command.amount ?? left);
          if (same) return pending.map(({ key }) => key);
          throw new DomainError('CONFLICT', 'Another movement of the order’s money is under way', 'orderId');
        }
        check();
        // The system's own capture may find that there is nothing to do any more.
        if (left === 0 && command.version === undefined) return [];
        if (left === 0) throw new DomainError('INVALID_TRANSITION', `The order has no ${of} payment`, 'orderId');
        const amount = command.amount ?? left;
        if (!Number.isSafeInteger(amount) || amount < 1) throw invalid('amount', 'Must be 1 or more');
        if (amount > left) throw invalid('amount', `At most ${left} can be captured`);
        const keys = await openCaptures(stores, open, amount, command.final);
        if (command.version !== undefined) {
          await stores.audit.append({ actor: command.actor, action: 'order.capture', subjectId: orderId, detail: { amount, final: command.final } });
        }
        await stores.orders.update(orderId, {});
        return keys;
      }),

    beginShipmentCapture: (orderId) =>
      work.transaction(async (stores) => {
        const { order, payments, pending } = await openOrder(stores, orderId, undefined);
        if (pending.length > 0) return pending.filter(({ kind }) => kind === 'capture').map(({ key }) => key);
        const whole = await stores.orders.get(orderId);
        const due = whole && order.captureMode === 'on_fulfillment' ? shipmentDue(whole, order.total, payments) : 0;
        if (order.status !== 'placed' || due === 0) return [];
        const open = payments.filter((payment) => payment.status === 'authorized' && capturable(payment) > 0);
        const allShipped = whole?.lines.every((line) => line.shippedQuantity === line.quantity) ?? false;
        const keys = await openCaptures(stores, open, due, allShipped);
        await stores.orders.update(orderId, {});
        return keys;
      }),

    beginVoid: ({ orderId, version, actor }) =>
      work.transaction(async (stores) => {
        const { payments, pending, check } = await openOrder(stores, orderId, version);
        if (pending.length > 0) {
          if (pending.every(({ kind }) => kind === 'void')) return pending.map(({ key }) => key);
          throw new DomainError('CONFLICT', 'Another movement of the order’s money is under way', 'orderId');
        }
        check();
        const open = payments.filter((payment) => capturable(payment) > 0);
        if (open.length === 0) throw new DomainError('INVALID_TRANSITION', 'The order has nothing left to release', 'orderId');
        const keys: string[] = [];
        for (const payment of open) {
          const key = await nextKey(stores, payment, 'void');
          await stores.payments.openOperation({ key, paymentId: payment.id, kind: 'void', amount: capturable(payment) });
          keys.push(key);
        }
        await stores.audit.append({ actor, action: 'order.void', subjectId: orderId });
        await stores.orders.update(orderId, {});
        return keys;
      }),

    async run(first) {
      let key = first;
      for (let fresh = 0; ; fresh += 1) {
        const operation = await work.stores.payments.operation(key);
        const payment = operation && (await work.stores.payments.get(operation.paymentId));
        if (!operation || !payment) throw notFound('The operation', 'key');
        const before = ended(operation);
        if (before) return before;
        const { gatewayRef } = payment;
        if (gatewayRef === null) throw new DomainError('INVALID_TRANSITION', 'The payment is not known to its gateway');
        const { sentBefore } = await work.stores.payments.markSent(key);
        const gateway = gateways.get(payment.gateway);
        const seen = sentBefore ? await gateway.retrieve(gatewayRef) : undefined;
        if (seen && (isDone(operation, seen) || awaitsBank(operation, seen))) return record(operation, payment, seen, undefined);
        try {
          return await record(operation, payment, await ask(operation, payment, gatewayRef), undefined);
        } catch (error) {
          if (!(error instanceof GatewayError) || (error.kind !== 'rejected' && !error.replayed)) throw error;
          const now = await gateway.retrieve(gatewayRef);
          if (isDone(operation, now) || !error.replayed || fresh === FRESH_KEYS) return record(operation, payment, now, error.message);
          ({ key } = await renew(operation, payment, error));
        }
      }
    },
  };
}
