import type { RefundRequest } from '../../domain/orders/order-process.ts';
import type { OrderHead } from '../../domain/orders/order-store.ts';
import { GatewayError, type GatewayRefund } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import type { RefundStanding } from '../../domain/payments/refund-standing.ts';
import { isWithBank } from '../../domain/payments/dispute-record.ts';
import { refundable } from '../../domain/payments/payment.ts';
import { planRefund, refundKey, shippingPaid, type Refund, type RefundablePayment, type RefundPart, type RefundPlan, type RefundWish } from '../../domain/payments/refund.ts';
import { DomainError, notFound, VersionMismatchError } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { KeyedHash } from '../checkout/cart-tokens.ts';
import type { Stores, Work } from '../stores.ts';
import { restateOrderPayment } from './record-payment.ts';
import { creditCustomer } from './credit-customer.ts';
import { tellOfRefund } from './tell-of-refund.ts';

/** An operator's refund of an order. */
export type RefundCommand = RefundRequest & { readonly orderId: string };

/** Money back, step by step; each safe to repeat. */
export interface RefundService {
  /** What a refund would come to and where its money would come from. Changes nothing. */
  preview(orderId: string, wish: RefundWish): Promise<RefundPlan>;
  /** Reserves the money and writes the refund. Raises NOT_FOUND, INVALID_INPUT, INVALID_TRANSITION, VersionMismatchError. */
  begin(command: RefundCommand): Promise<Refund>;
  standing(refundId: string): Promise<RefundStanding>;
  /** Moves one part at its gateway and records what came of it. Raises GatewayError when there is no answer. */
  movePart(refundId: string, number: number): Promise<RefundPart['status']>;
  /** Takes up what the gateway refused, with fresh keys. Raises INVALID_TRANSITION unless it failed. */
  retry(refundId: string, actor: string): Promise<void>;
  get(refundId: string): Promise<Refund | undefined>;
}

const standingOf = (refund: Refund): RefundStanding => ({
  status: refund.status,
  orderId: refund.orderId,
  pending: refund.parts.filter((part) => part.status === 'pending').map((part) => part.number),
  failures: refund.parts.flatMap((part) => (part.status === 'failed' && part.failure !== null ? [part.failure] : [])),
});

/** Takes up what the gateway refused, with fresh keys. Call it with the order locked, and only while all of it is still owed. */
export async function reopenParts(stores: Stores, refund: Refund): Promise<void> {
  await stores.refunds.reopen(refund.id);
  if (refund.parts.every((part) => part.status === 'failed')) await stores.refunds.countUnits(refund, 1);
  for (const part of refund.parts.filter(({ status }) => status === 'failed')) {
    await stores.payments.moveRefund(part.paymentId, { pending: part.amount });
    await stores.refunds.updatePart(refund.id, part.number, { status: 'pending', attempt: part.attempt + 1 });
  }
}

/** Raises INVALID_TRANSITION when the money, the units or the shipping of a failed refund have gone back another way since. */
async function requireStillOwed(stores: Stores, refund: Refund): Promise<void> {
  const gone = (): DomainError => new DomainError('INVALID_TRANSITION', 'It has been refunded another way meanwhile', 'refundId');
  const owed = new Map<string, number>();
  for (const part of refund.parts.filter(({ status }) => status === 'failed')) owed.set(part.paymentId, (owed.get(part.paymentId) ?? 0) + part.amount);
  for (const [paymentId, amount] of owed) {
    const payment = await stores.payments.lock(paymentId);
    if (!payment || refundable(payment) - (await stores.disputes.lostOf(paymentId)) < amount) throw gone();
  }
  const order = await stores.orders.get(refund.orderId);
  if (!order || refund.parts.some((part) => part.status !== 'failed')) return;
  if (refund.shippingAmount > shippingPaid(order) - order.shippingRefunded) throw gone();
  for (const { orderLineId, quantity } of refund.lines) {
    const line = order.lines.find(({ id }) => id === orderLineId);
    if (!line || quantity > line.quantity - line.refundedQuantity) throw gone();
  }
}

/** Builds the refund use cases over the stores and the gateways. */
export function createRefundService(deps: { work: Work; gateways: Gateways; newId: IdGenerator; keyedHash: KeyedHash }): RefundService {
  const { work, gateways, newId, keyedHash } = deps;

  async function planOf(stores: Stores, orderId: string, wish: RefundWish): Promise<{ plan: RefundPlan; currency: string }> {
    const order = await stores.orders.get(orderId);
    if (!order) throw notFound('The order', 'orderId');
    const payments: RefundablePayment[] = [];
    for (const payment of await stores.refunds.refundables(await stores.payments.ofOrder(orderId))) {
      // What the bank has taken in a lost dispute is with the customer already.
      payments.push({ ...payment, refunded: payment.refunded + (await stores.disputes.lostOf(payment.id)) });
    }
    return { plan: planRefund(order, payments, wish), currency: order.currency };
  }

  async function load(stores: Stores, refundId: string, number: number): Promise<{ refund: Refund; part: RefundPart; payment: PaymentRecord }> {
    const refund = await stores.refunds.get(refundId);
    const part = refund?.parts.find((candidate) => candidate.number === number);
    const payment = part && (await stores.payments.get(part.paymentId));
    if (!refund || !part || !payment) throw notFound('The refund', 'refundId');
    return { refund, part, payment };
  }

  /** Undefined: somebody else has ended this attempt. */
  async function ask(refund: Refund, part: RefundPart, payment: PaymentRecord): Promise<GatewayRefund | undefined> {
    const gateway = gateways.get(payment.gateway);
    const key = refundKey(refund.id, part);
    const gatewayRef = payment.gatewayRef ?? '';
    const marked = await work.stores.refunds.markSent(refund.id, part.number, part.attempt);
    if (!marked) return undefined;
    const known = marked.sentBefore ? await gateway.findRefund(gatewayRef, key) : undefined;
    if (known) return known;
    const { captureRef, amount } = part;
    try {
      return await gateway.refund({ key, gatewayRef, captureRef, amount, currency: payment.currency, reason: refund.reason });
    } catch (error) {
      if (!(error instanceof GatewayError) || (error.kind !== 'rejected' && !error.replayed)) throw error;
      // Refused, or a stored failure that would be replayed for ever: what the ledger shows is all there is.
      const made = error.replayed ? await gateway.findRefund(gatewayRef, key) : undefined;
      return made ?? { gatewayRef: '', state: 'failed', amount, failureReason: error.message };
    }
  }

  /** Gives the customer store credit for a part; false when nobody is known to give it to, or the bank has its money. */
  async function credit(stores: Stores, refund: Refund, part: RefundPart): Promise<boolean> {
    const order = await stores.orders.get(refund.orderId);
    const disputes = await stores.disputes.ofOrder(refund.orderId);
    const taken = disputes.some(({ paymentId, status }) => paymentId === part.paymentId && (status === 'lost' || isWithBank(status)));
    if (!order || taken) return false;
    await creditCustomer(stores, newId, {
      key: refundKey(refund.id, part),
      kind: 'refund',
      owner: { emailKey: keyedHash('email', order.email.toLowerCase()), customerId: order.customerId },
      currency: refund.currency,
      amount: part.amount,
      reason: refund.reason,
      referenceId: refund.id,
    });
    await stores.payments.moveRefund(part.paymentId, { pending: -part.amount, credited: part.amount });
    return true;
  }

  /** Ends the refund when its last part has ended. */
  async function conclude(stores: Stores, refundId: string): Promise<void> {
    const refund = await stores.refunds.get(refundId);
    if (refund?.status !== 'pending' || refund.parts.some((part) => part.status === 'pending')) return;
    const failed = refund.parts.some((part) => part.status === 'failed');
    await stores.refunds.finish(refundId, failed ? 'failed' : 'succeeded');
    // What did not come back was not refunded.
    if (refund.parts.every((part) => part.status === 'failed')) await stores.refunds.countUnits(refund, -1);
    const paymentStatus = await restateOrderPayment(stores, refund.orderId);
    const failure = failed ? { failure: standingOf(refund).failures.join('; ') } : {};
    await tellOfRefund(stores, newId, failed ? 'refund.failed' : 'refund.succeeded', refundId, { paymentStatus, ...failure });
  }

  async function record(refundId: string, { number, attempt }: RefundPart, told: GatewayRefund | 'store_credit'): Promise<RefundPart['status']> {
    return work.transaction(async (stores) => {
      const { refund: seen } = await load(stores, refundId, number);
      // Always in this order: the order, the refund, the payment.
      await stores.orders.lock(seen.orderId);
      await stores.refunds.lock(refundId);
      const { refund, part } = await load(stores, refundId, number);
      // An answer that came late, for an attempt that somebody else has ended.
      if (part.status !== 'pending' || part.attempt !== attempt) return part.status;
      if (told === 'store_credit') {
        const credited = await credit(stores, refund, part);
        if (!credited) await stores.payments.moveRefund(part.paymentId, { pending: -part.amount });
        const failure = 'The bank has the money, or nobody is known to give store credit to';
        await stores.refunds.updatePart(refundId, number, credited ? { status: 'credited' } : { status: 'failed', failure });
      } else if (told.state === 'pending') {
        await stores.refunds.updatePart(refundId, number, { status: 'pending', gatewayRef: told.gatewayRef });
        return 'pending';
      } else if (told.state === 'succeeded') {
        await stores.refunds.updatePart(refundId, number, { status: 'succeeded', gatewayRef: told.gatewayRef });
        await stores.payments.moveRefund(part.paymentId, { pending: -part.amount, refunded: part.amount });
      } else {
        const failure = told.failureReason ?? 'The gateway gave no reason';
        const credited = refund.fallback === 'store_credit' && (await credit(stores, refund, part));
        if (!credited) await stores.payments.moveRefund(part.paymentId, { pending: -part.amount });
        await stores.refunds.updatePart(refundId, number, {
          status: credited ? 'credited' : 'failed',
          failure,
          ...(told.gatewayRef === '' ? {} : { gatewayRef: told.gatewayRef }),
        });
      }
      await conclude(stores, refundId);
      const after = await load(stores, refundId, number);
      return after.part.status;
    });
  }

  async function checkCommand(order: OrderHead | undefined, command: RefundCommand): Promise<OrderHead> {
    if (!order) throw notFound('The order', 'orderId');
    if (order.version !== command.version) throw new VersionMismatchError(order.version);
    // A cancellation whose refund the gateway refuses for good can still be ended with store credit.
    if (order.status === 'canceled' || (order.status === 'canceling' && command.destination !== 'store_credit')) {
      throw new DomainError('INVALID_TRANSITION', 'The order is being canceled: its money goes back with that', 'orderId');
    }
    return order;
  }

  return {
    preview: async (orderId, wish) => (await planOf(work.stores, orderId, wish)).plan,

    begin: (command) =>
      work.transaction(async (stores) => {
        const order = await stores.orders.lock(command.orderId);
        const earlier = await stores.refunds.get(command.refundId);
        if (earlier) return earlier;
        await checkCommand(order, command);
        if ((await stores.disputes.ofOrder(command.orderId)).some(({ status }) => isWithBank(status))) {
          throw new DomainError('INVALID_TRANSITION', 'The payment is disputed: the bank has the money until it has decided', 'orderId');
        }
        const { plan, currency } = await planOf(stores, command.orderId, command);
        const { refundId, orderId, destination, fallback, reason, note = null, actor } = command;
        await stores.refunds.insert({ id: refundId, orderId, currency, destination, fallback, source: 'operator', reason, note, actor, plan });
        await stores.audit.append({ actor, action: 'order.refund', subjectId: orderId, detail: { refundId, amount: plan.amount, currency, reason } });
        await tellOfRefund(stores, newId, 'refund.requested', refundId);
        const refund = await stores.refunds.get(refundId);
        if (!refund) throw new Error(`Refund ${refundId} was written and not found`);
        return refund;
      }),

    async standing(refundId) {
      const refund = await work.stores.refunds.get(refundId);
      if (!refund) throw notFound('The refund', 'refundId');
      const returnId = await work.stores.returns.findByRefund(refundId);
      return { ...standingOf(refund), ...(returnId === undefined ? {} : { returnId }) };
    },

    async movePart(refundId, number) {
      const { refund, part, payment } = await load(work.stores, refundId, number);
      if (part.status !== 'pending') return part.status;
      const told = refund.destination === 'store_credit' ? 'store_credit' : await ask(refund, part, payment);
      return told === undefined ? (await load(work.stores, refundId, number)).part.status : record(refundId, part, told);
    },

    retry: (refundId, actor) =>
      work.transaction(async (stores) => {
        const seen = await stores.refunds.get(refundId);
        if (!seen) throw notFound('The refund', 'refundId');
        const order = await stores.orders.lock(seen.orderId);
        if (order?.status === 'canceling') throw new DomainError('INVALID_TRANSITION', 'The order is being canceled: its money goes back with that', 'refundId');
        const refund = await stores.refunds.lock(refundId);
        if (refund?.status === 'pending') return;
        if (refund?.status !== 'failed') throw new DomainError('INVALID_TRANSITION', 'Only a refund that failed can be tried again', 'refundId');
        await requireStillOwed(stores, refund);
        await reopenParts(stores, refund);
        await stores.audit.append({ actor, action: 'refund.retry', subjectId: refundId });
      }),

    get: (refundId) => work.stores.refunds.get(refundId),
  };
}
