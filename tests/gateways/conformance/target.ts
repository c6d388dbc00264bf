import assert from 'node:assert/strict';
import {
  GatewayError,
  type AuthorizeRequest,
  type GatewayPayment,
  type PaymentGateway,
  type WebhookHeaders,
} from '../../../domain/payments/gateway.ts';
import type { VaultSetup } from '../../../domain/payments/vault.ts';
import type { Currency } from '../../../domain/shared/money.ts';

/** A token of a payment method, or what makes one that can pay in the currency. */
export type MethodSource = string | ((currency: Currency) => string | Promise<string>);

/** What the other side really did for one of our payments; sums in minor units. */
export interface LedgerTruth {
  /** How many payments it made for our payment id. */
  readonly payments: number;
  readonly captured: number;
  /** Done or on its way. */
  readonly refunded: number;
}

/** The calls whose answers can be lost. `capture` also loses those of `complete` with an automatic capture. */
export type GatewayCall = 'authorize' | 'capture' | 'refund' | 'void';

/** A webhook as it arrived; header names in lower case. */
export interface WebhookDelivery {
  readonly rawBody: Uint8Array;
  readonly headers: WebhookHeaders;
}

/** A gateway together with the other side, as far as the suite has to see it or to play a part there. */
export interface ConformanceTarget {
  readonly gateway: PaymentGateway;
  readonly methods: {
    /** Pays every amount of the suite, after the customer's approval when the gateway always asks for one. */
    readonly pays: MethodSource;
    /** Is declined: when it is authorized, or when what the customer approved is completed. */
    readonly declines?: MethodSource;
    /** Asks the customer to authenticate or approve, and pays after that. */
    readonly needsAction?: MethodSource;
    /** Can be put into the vault; `pays` when absent. */
    readonly saves?: string;
  };
  /** Amounts to be kept exact, when the gateway does not take as little and as much as the suite tries. */
  readonly amounts?: readonly number[];
  /** A currency without minor units that the gateway takes; absent when it takes none. */
  readonly zeroDecimal?: Currency;
  /** What the customer does in the browser. */
  approve?(payment: GatewayPayment, outcome: 'complete' | 'fail'): Promise<void>;
  /** The same for a method that is put into the vault without a payment. */
  approveSetup?(setup: VaultSetup & { state: 'requires_action' }): Promise<void>;
  /** The truth at the other side about the payment with our id. */
  ledger(paymentId: string): Promise<LedgerTruth>;
  /** The next `times` calls are processed and their answers lost: the connection breaks. */
  dropAnswers?(call: GatewayCall, times: number): Promise<void>;
  /** The next `times` calls are processed and never answered: the adapter's time-out has to end them. */
  hangAnswers?(call: GatewayCall, times: number): Promise<void>;
  /** Ends the faults that are left. */
  clearFaults?(): Promise<void>;
  /** Every webhook that the other side has sent since the start. */
  webhooks?(): Promise<readonly WebhookDelivery[]>;
  /** The bank or the customer disputes a captured payment; gives the gateway's id of the dispute. */
  openDispute?(payment: GatewayPayment): Promise<string>;
  /** Lets the time pass after which an authorization may be renewed. Without it, renewal is not tried. */
  letRenew?(payment: GatewayPayment): Promise<void>;
  /** How many lines of the ledger one page holds, when it is small enough for the suite to fill more than one. */
  readonly ledgerPage?: number;
  close(): Promise<void>;
}

export type StartTarget = () => Promise<ConformanceTarget>;

/** What the parts of the suite work with. `target` may be called once the suite has started. */
export interface Bench {
  target(): ConformanceTarget;
  /** A request of its own, with fresh ids and a fresh key. */
  request(change?: Partial<AuthorizeRequest>): Promise<AuthorizeRequest>;
  /** Authorizes and, where the gateway asks for it, lets the customer approve and completes. */
  pay(request: AuthorizeRequest): Promise<GatewayPayment>;
  /** A payment of which everything can still be captured. */
  open(change?: Partial<AuthorizeRequest>): Promise<{ asked: AuthorizeRequest; payment: GatewayPayment }>;
  /** A payment that is captured fully. */
  paid(change?: Partial<AuthorizeRequest>): Promise<{ asked: AuthorizeRequest; payment: GatewayPayment }>;
}

/** Amount of the suite's payments, minor units. */
export const AMOUNT = 12_345;

/** What can still be captured; of a payment that is made outside, all of it is. */
export const openAmount = (payment: GatewayPayment): number =>
  payment.state === 'deferred' ? payment.amount - payment.captured : payment.capturable;

/** Asserts that the sums of a payment agree with each other and with the movement counts of its captures. */
export function assertConsistent(payment: GatewayPayment): void {
  const { amount, capturable, captured, refunded, captures, state } = payment;
  for (const sum of [amount, capturable, captured, refunded]) assert.ok(Number.isSafeInteger(sum) && sum >= 0, `sum ${sum}`);
  assert.equal(
    captures.reduce((sum, capture) => sum + capture.amount, 0),
    captured,
    'captures add up to captured',
  );
  assert.equal(
    captures.reduce((sum, capture) => sum + capture.refunded, 0),
    refunded,
    'refunds of captures add up to refunded',
  );
  for (const capture of captures)
    assert.ok(capture.refunded <= capture.amount, `capture ${capture.ref} is refunded beyond its amount`);
  assert.ok(captured + capturable <= amount, 'no more than the amount');
  if (state === 'captured' || state === 'canceled' || state === 'failed')
    assert.equal(capturable, 0, `nothing is left of ${state}`);
  if (state === 'authorized') assert.ok(capturable > 0, 'an authorized payment has something to capture');
  if (state === 'captured') assert.ok(captured > 0, 'a captured payment has captures');
  if (state === 'canceled' || state === 'failed') assert.equal(captured, 0, `nothing was taken of ${state}`);
}

/** For `assert.rejects`: a GatewayError of the kind. */
export const gatewayError =
  (kind: GatewayError['kind']) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof GatewayError, `a GatewayError, not ${String(error)}`);
    assert.equal(error.kind, kind, error.message);
    return true;
  };

let count = 0;

/** Ids that look like ours: a kind's prefix and 26 characters. */
const idOf = (prefix: string, n: number): string => `${prefix}_${n.toString().padStart(26, '0')}`;

export function createBench(target: () => ConformanceTarget): Bench {
  async function request(change: Partial<AuthorizeRequest> = {}): Promise<AuthorizeRequest> {
    const n = Date.now() * 1000 + (++count % 1000);
    const currency = change.currency ?? 'EUR';
    const paymentMethod = change.paymentMethod ?? (await resolveMethod(target().methods.pays, currency));
    const paymentId = idOf('pay', n);
    return {
      key: `${paymentId}/authorize`,
      amount: AMOUNT,
      captureMethod: 'manual',
      returnUrl: 'https://shop.example/back?cart=1',
      reference: { cartId: idOf('cart', n), checkoutId: idOf('chk', n), orderId: idOf('ord', n), paymentId },
      ...change,
      currency,
      paymentMethod,
    };
  }

  async function pay(asked: AuthorizeRequest): Promise<GatewayPayment> {
    const { gateway, approve } = target();
    let payment = await gateway.authorize(asked);
    if (payment.state === 'requires_action') {
      assert.ok(approve, 'the target lets customers approve');
      await approve(payment, 'complete');
      payment = await gateway.retrieve(payment.gatewayRef);
    }
    if (payment.state === 'approved') {
      const { gatewayRef } = payment;
      payment = await gateway.complete({ key: `${asked.key}/complete`, gatewayRef, captureMethod: asked.captureMethod });
    }
    return payment;
  }

  return {
    target,
    request,
    pay,
    async open(change = {}) {
      const asked = await request({ ...change, captureMethod: 'manual' });
      const payment = await pay(asked);
      assert.equal(openAmount(payment), asked.amount, `all of it can be captured (${payment.state})`);
      return { asked, payment };
    },
    async paid(change = {}) {
      const asked = await request({ ...change, captureMethod: 'automatic' });
      let payment = await pay(asked);
      if (payment.state === 'deferred') {
        const { amount, currency, gatewayRef } = payment;
        payment = await target().gateway.capture({ key: `${asked.key}/capture`, gatewayRef, amount, currency, final: true });
      }
      assert.equal(payment.state, 'captured');
      assert.equal(payment.captured, asked.amount);
      return { asked, payment };
    },
  };
}

/** A token of the method that can pay in the currency. */
export const resolveMethod = async (source: MethodSource, currency: Currency = 'EUR'): Promise<string> =>
  typeof source === 'string' ? source : source(currency);
