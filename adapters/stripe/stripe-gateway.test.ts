import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import Stripe from 'stripe';
import {
  GatewayError,
  type AuthorizeRequest,
  type CaptureRequest,
  type GatewayCapture,
  type GatewayEvent,
  type GatewayPayment,
  type PaymentGateway,
  type RefundRequest,
} from '../../domain/payments/gateway.ts';
import type { DisputeDesk } from '../../domain/payments/dispute.ts';
import type { GatewayMovement } from '../../domain/payments/movement.ts';
import type { PaymentVault } from '../../domain/payments/vault.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { stripeEmulatorControl, type StripeEmulatorControl } from '../../emulators/stripe/control.ts';
import type { LedgerEntry } from '../../emulators/stripe/ledger.ts';
import { startStripeEmulator, type StripeEmulator } from '../../emulators/stripe/server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { createStripeGateway } from './stripe-gateway.ts';

const SECRET = 'whsec_of_the_gateway_test';
const TIMEOUT_MS = 500;

let emulator: StripeEmulator;
let control: StripeEmulatorControl;
let gateway: PaymentGateway;
let count = 0;

before(async () => {
  emulator = await startStripeEmulator({ refundSettleMs: 20 });
  control = stripeEmulatorControl(emulator.url);
  gateway = createStripeGateway({
    apiKey: 'sk_test_gateway',
    webhookSecret: SECRET,
    baseUrl: emulator.url,
    timeoutMs: TIMEOUT_MS,
  });
});
after(() => emulator.close());
beforeEach(() => control.reset());

function request(change: Partial<AuthorizeRequest> = {}): AuthorizeRequest {
  const n = ++count;
  return {
    key: `ord_${n}/authorize/1`,
    amount: 12_345,
    currency: 'EUR',
    paymentMethod: 'pm_card_visa',
    captureMethod: 'manual',
    reference: { cartId: `cart_${n}`, checkoutId: `chk_${n}`, orderId: `ord_${n}`, paymentId: `pay_${n}` },
    ...change,
  };
}

const capture = (gatewayRef: string, change: Partial<CaptureRequest> = {}): CaptureRequest => ({
  key: `${gatewayRef}/capture`,
  gatewayRef,
  amount: 12_345,
  currency: 'EUR',
  final: true,
  ...change,
});

/** A refund of the one capture of a payment. */
const refund = (
  payment: { gatewayRef: string; captures: readonly GatewayCapture[] },
  change: Partial<RefundRequest> & { key: string },
): RefundRequest => ({
  gatewayRef: payment.gatewayRef,
  captureRef: payment.captures[0]?.ref ?? '',
  amount: 1,
  currency: 'EUR',
  ...change,
});

async function ledger(): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const entry of control.ledger()) entries.push(entry);
  return entries;
}

function vault(): PaymentVault {
  assert.ok(gateway.vault);
  return gateway.vault;
}

function desk(): DisputeDesk {
  assert.ok(gateway.disputes);
  return gateway.disputes;
}

const gatewayError =
  (wanted: Partial<GatewayError>) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof GatewayError, String(error));
    for (const [name, value] of Object.entries(wanted))
      assert.equal(Reflect.get(error, name), value, `${name}: ${error.message}`);
    return true;
  };

async function authenticated(
  outcome: 'complete' | 'fail',
  change: Partial<AuthorizeRequest> = {},
): Promise<{ payment: GatewayPayment; back: string | null }> {
  const returnUrl = 'http://shop.example/back?cart=1';
  const waiting = await gateway.authorize(request({ paymentMethod: 'pm_card_authenticationRequired', returnUrl, ...change }));
  assert.equal(waiting.state, 'requires_action');
  assert.ok(waiting.action?.clientSecret?.startsWith(`${waiting.gatewayRef}_secret_`));
  const back = await control.finishChallenge(waiting.action?.url ?? '', outcome);
  return { payment: await gateway.retrieve(waiting.gatewayRef), back };
}

describe('authorize', () => {
  it('holds the money of a manual capture', async () => {
    const asked = request();
    const payment = await gateway.authorize(asked);
    assert.equal(payment.state, 'authorized');
    assert.deepEqual(
      [payment.amount, payment.currency, payment.capturable, payment.captured, payment.refunded],
      [12_345, 'EUR', 12_345, 0, 0],
    );
    assert.deepEqual(payment.reference, asked.reference);
    assert.equal(payment.method?.brand, 'visa');
    assert.equal(payment.method.last4, '4242');
    assert.equal(payment.method.country, 'US');
    assert.match(payment.method.fingerprint ?? '', /^\w{16}$/);
    assert.equal(payment.riskScore, 12);
  });

  it('takes the money at once of an automatic capture', async () => {
    const payment = await gateway.authorize(request({ captureMethod: 'automatic' }));
    assert.deepEqual([payment.state, payment.captured, payment.capturable], ['captured', 12_345, 0]);
  });

  it('tells the issuer’s country and risk', async () => {
    const elevated = await gateway.authorize(request({ paymentMethod: 'pm_card_riskLevelElevated' }));
    assert.ok((elevated.riskScore ?? 0) >= 65);
    const british = await gateway.authorize(request({ paymentMethod: 'pm_card_gb' }));
    assert.equal(british.method?.country, 'GB');
  });

  for (const [paymentMethod, code, retryable] of [
    ['pm_card_visa_chargeDeclined', 'generic_decline', true],
    ['pm_card_chargeDeclined', 'generic_decline', true],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds', true],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', true],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', true],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', true],
    ['pm_card_visa_chargeDeclinedLostCard', 'lost_card', false],
    ['pm_card_visa_chargeDeclinedStolenCard', 'stolen_card', false],
    ['pm_card_riskLevelHighest', 'fraudulent', false],
  ] as const) {
    it(`tells the decline ${code} of ${paymentMethod} as a value`, async () => {
      const payment = await gateway.authorize(request({ paymentMethod }));
      assert.equal(payment.state, 'failed');
      assert.deepEqual([payment.decline?.code, payment.decline?.retryable], [code, retryable]);
      assert.ok(payment.decline?.message);
      assert.match(payment.gatewayRef, /^pi_/);
      assert.ok(payment.method?.fingerprint);
      const readBack = await gateway.retrieve(payment.gatewayRef);
      assert.deepEqual([readBack.state, readBack.decline], [payment.state, payment.decline]);
    });
  }

  it('is refused for an unknown payment method, and the key stays free', async () => {
    const asked = request({ paymentMethod: 'pm_card_nobody' });
    await assert.rejects(gateway.authorize(asked), gatewayError({ kind: 'rejected', replayed: false }));
    assert.equal((await gateway.authorize({ ...asked, paymentMethod: 'pm_card_visa' })).state, 'authorized');
  });

  it('is refused without a valid key of the API', async () => {
    const stranger = createStripeGateway({
      apiKey: 'nonsense',
      webhookSecret: SECRET,
      baseUrl: emulator.url,
      timeoutMs: TIMEOUT_MS,
    });
    await assert.rejects(stranger.authorize(request()), gatewayError({ kind: 'rejected' }));
  });
});

describe('3-D Secure', () => {
  it('authorizes once the customer has passed, and sends them back', async () => {
    const { payment, back } = await authenticated('complete');
    assert.deepEqual([payment.state, payment.capturable], ['authorized', 12_345]);
    const url = new URL(back ?? '');
    assert.equal(url.searchParams.get('cart'), '1');
    assert.equal(url.searchParams.get('payment_intent'), payment.gatewayRef);
    assert.equal(url.searchParams.get('redirect_status'), 'succeeded');
  });

  it('fails when the customer has failed', async () => {
    const { payment, back } = await authenticated('fail');
    assert.deepEqual(
      [payment.state, payment.decline?.code, payment.decline?.retryable],
      ['failed', 'payment_intent_authentication_failure', true],
    );
    assert.equal(new URL(back ?? '').searchParams.get('redirect_status'), 'failed');
  });

  it('may be declined after the customer has passed', async () => {
    const { payment } = await authenticated('complete', { paymentMethod: 'pm_card_threeDSecureRequiredChargeDeclined' });
    assert.deepEqual([payment.state, payment.decline?.code], ['failed', 'generic_decline']);
  });

  it('can be given up', async () => {
    const returnUrl = 'http://shop.example/';
    const waiting = await gateway.authorize(request({ paymentMethod: 'pm_card_authenticationRequired', returnUrl }));
    assert.equal((await gateway.void({ key: 'v', gatewayRef: waiting.gatewayRef })).state, 'canceled');
    await assert.rejects(control.finishChallenge(waiting.action?.url ?? '', 'complete'), /400/);
    assert.equal((await gateway.retrieve(waiting.gatewayRef)).state, 'canceled');
  });
});

describe('capture and void', () => {
  it('captures once, however often it is asked', async () => {
    const { gatewayRef } = await gateway.authorize(request());
    const captured = await gateway.capture(capture(gatewayRef));
    assert.deepEqual([captured.state, captured.captured, captured.capturable], ['captured', 12_345, 0]);
    assert.deepEqual(await gateway.capture(capture(gatewayRef)), captured);
    assert.deepEqual(await gateway.capture(capture(gatewayRef, { key: 'c2' })), captured);
    assert.equal((await ledger())[0]?.captured, 12_345);
  });

  it('releases an authorization once, and counts nothing as refunded', async () => {
    const { gatewayRef } = await gateway.authorize(request());
    const canceled = await gateway.void({ key: 'v1', gatewayRef });
    assert.deepEqual([canceled.state, canceled.capturable, canceled.captured, canceled.refunded], ['canceled', 0, 0, 0]);
    assert.equal((await gateway.void({ key: 'v2', gatewayRef })).state, 'canceled');
    assert.equal((await gateway.capture(capture(gatewayRef))).state, 'canceled');
  });

  it('tells that a captured payment cannot be voided any more', async () => {
    const { gatewayRef } = await gateway.authorize(request({ captureMethod: 'automatic' }));
    assert.equal((await gateway.void({ key: 'v', gatewayRef })).state, 'captured');
  });

  it('refuses to capture more than was authorized', async () => {
    const { gatewayRef } = await gateway.authorize(request());
    await assert.rejects(gateway.capture(capture(gatewayRef, { amount: 12_346 })), gatewayError({ kind: 'rejected' }));
    assert.equal((await gateway.retrieve(gatewayRef)).state, 'authorized');
  });

  it('refuses an unknown payment', async () => {
    await assert.rejects(gateway.capture(capture('pi_nobody', { amount: 1 })), gatewayError({ kind: 'rejected' }));
    await assert.rejects(gateway.retrieve('pi_nobody'), gatewayError({ kind: 'rejected' }));
  });
});

describe('refund', () => {
  it('gives back parts and never more than was captured', async () => {
    const payment = await gateway.authorize(request({ captureMethod: 'automatic' }));
    const asked = refund(payment, { key: 'r1', amount: 10_000, reason: 'The parcel was lost' });
    const first = await gateway.refund(asked);
    assert.deepEqual([first.state, first.amount], ['succeeded', 10_000]);
    assert.deepEqual(await gateway.refund(asked), first);
    await assert.rejects(gateway.refund(refund(payment, { key: 'r2', amount: 2_346 })), gatewayError({ kind: 'rejected' }));
    assert.equal((await gateway.refund(refund(payment, { key: 'r3', amount: 2_345 }))).state, 'succeeded');
    await assert.rejects(gateway.refund(refund(payment, { key: 'r4' })), gatewayError({ kind: 'rejected' }));
    const after = await gateway.retrieve(payment.gatewayRef);
    assert.equal(after.refunded, 12_345);
    assert.deepEqual(after.captures, [{ ref: payment.captures[0]?.ref, amount: 12_345, refunded: 12_345 }]);
    assert.deepEqual(
      (await ledger()).map((entry) => entry.net),
      [0],
    );
  });

  it('is found by its key', async () => {
    const payment = await gateway.authorize(request({ captureMethod: 'automatic' }));
    assert.equal(await gateway.findRefund(payment.gatewayRef, 'r2'), undefined);
    await gateway.refund(refund(payment, { key: 'r1', amount: 1 }));
    const second = await gateway.refund(refund(payment, { key: 'r2', amount: 2 }));
    assert.deepEqual(await gateway.findRefund(payment.gatewayRef, 'r2'), second);
  });

  it('counts no more once it has failed', async () => {
    const payment = await gateway.authorize(request({ captureMethod: 'automatic', paymentMethod: 'pm_card_refundFail' }));
    assert.equal((await gateway.refund(refund(payment, { key: 'r', amount: 5_000 }))).state, 'succeeded');
    assert.equal((await gateway.retrieve(payment.gatewayRef)).refunded, 5_000);
    const failed = await waitFor(
      async () => {
        const found = await gateway.findRefund(payment.gatewayRef, 'r');
        return found?.state === 'failed' && found;
      },
      { what: 'the failure of the refund', everyMs: 5 },
    );
    assert.equal(failed.failureReason, 'expired_or_canceled_card');
    const after = await gateway.retrieve(payment.gatewayRef);
    assert.deepEqual([after.refunded, after.captures[0]?.refunded], [0, 0]);
  });

  it('is refused before anything was captured', async () => {
    const payment = await gateway.authorize(request());
    assert.deepEqual(payment.captures, []);
    const captureRef = 'ch_nobody';
    await assert.rejects(gateway.refund(refund(payment, { key: 'r', captureRef })), gatewayError({ kind: 'rejected' }));
  });
});

describe('several captures', () => {
  const parts = (payment: GatewayPayment): unknown[] => [payment.state, payment.capturable, payment.captured];

  it('keep the rest until the final one', async () => {
    const { gatewayRef } = await gateway.authorize(request());
    const first = await gateway.capture(capture(gatewayRef, { key: 'c1', amount: 4_000, final: false }));
    assert.deepEqual(parts(first), ['authorized', 8_345, 4_000]);
    assert.ok((first.capturableUntil?.getTime() ?? 0) > Date.now());
    await gateway.refund(refund(first, { key: 'r1', amount: 1_000 }));
    const second = await gateway.capture(capture(gatewayRef, { key: 'c2', amount: 3_000, final: false }));
    assert.deepEqual(parts(second), ['authorized', 5_345, 7_000]);
    const last = await gateway.capture(capture(gatewayRef, { key: 'c3', amount: 5_000 }));
    assert.deepEqual(parts(last), ['captured', 0, 12_000]);
    assert.deepEqual(last.captures, [{ ref: first.captures[0]?.ref, amount: 12_000, refunded: 1_000 }]);
    assert.deepEqual(parts(await gateway.capture(capture(gatewayRef, { key: 'c1', amount: 4_000, final: false }))), parts(first));
  });

  it('may use up an authorization without a final one', async () => {
    const { gatewayRef } = await gateway.authorize(request());
    await gateway.capture(capture(gatewayRef, { key: 'c1', amount: 4_000, final: false }));
    const used = await gateway.capture(capture(gatewayRef, { key: 'c2', amount: 8_345, final: false }));
    assert.deepEqual(parts(used), ['captured', 0, 12_345]);
    assert.equal((await gateway.void({ key: 'v', gatewayRef })).state, 'captured');
  });

  it('can be ended by letting the rest go', async () => {
    const { gatewayRef } = await gateway.authorize(request());
    await gateway.capture(capture(gatewayRef, { key: 'c1', amount: 4_000, final: false }));
    const released = await gateway.void({ key: 'v1', gatewayRef });
    assert.deepEqual([...parts(released), released.refunded], ['captured', 0, 4_000, 0]);
    assert.deepEqual(parts(await gateway.void({ key: 'v1', gatewayRef })), parts(released));
    assert.equal((await ledger())[0]?.captured, 4_000);
  });

  it('are one where the card allows no more, and the released rest is no refund', async () => {
    const { gatewayRef } = await gateway.authorize(request({ paymentMethod: 'pm_card_unionpay' }));
    const only = await gateway.capture(capture(gatewayRef, { amount: 4_000, final: false }));
    assert.deepEqual([...parts(only), only.refunded], ['captured', 0, 4_000, 0]);
    await gateway.refund(refund(only, { key: 'r1', amount: 1_500 }));
    assert.equal((await gateway.retrieve(gatewayRef)).refunded, 1_500);
    await assert.rejects(gateway.refund(refund(only, { key: 'r2', amount: 2_501 })), gatewayError({ kind: 'rejected' }));
    assert.deepEqual(
      (await ledger()).map(({ captured, refunded }) => [captured, refunded]),
      [[4_000, 1_500]],
    );
  });

  it('tell a decline and stay as they were', async () => {
    const match = { path: '/v1/payment_intents/*/capture' };
    await control.addFault({ match, times: 1, effect: { kind: 'decline', code: 'insufficient_funds' } });
    const { gatewayRef } = await gateway.authorize(request());
    const declined = await gateway.capture(capture(gatewayRef, { key: 'c1' }));
    assert.deepEqual([...parts(declined), declined.decline?.code], ['authorized', 12_345, 0, 'insufficient_funds']);
    const replayed = await gateway.capture(capture(gatewayRef, { key: 'c1' }));
    assert.equal(replayed.decline?.code, 'insufficient_funds');
    assert.deepEqual(parts(await gateway.capture(capture(gatewayRef, { key: 'c2' }))), ['captured', 0, 12_345]);
  });

  it('come too late when the authorization is over its time, though it is not canceled yet', async () => {
    await control.setAuthorizationSeconds(0);
    const { gatewayRef, state } = await gateway.authorize(request());
    assert.equal(state, 'authorized');
    assert.deepEqual(parts(await gateway.capture(capture(gatewayRef))), ['canceled', 0, 0]);
    assert.equal((await gateway.void({ key: 'v', gatewayRef })).state, 'canceled');
  });

  it('come too late when the authorization has lapsed', async () => {
    const whole = await gateway.authorize(request());
    await control.lapseAuthorization(whole.gatewayRef);
    assert.deepEqual(parts(await gateway.capture(capture(whole.gatewayRef))), ['canceled', 0, 0]);
    const part = await gateway.authorize(request());
    await gateway.capture(capture(part.gatewayRef, { key: 'c1', amount: 45, final: false }));
    await control.lapseAuthorization(part.gatewayRef);
    assert.deepEqual(parts(await gateway.capture(capture(part.gatewayRef, { key: 'c2', amount: 45 }))), ['captured', 0, 45]);
  });
});

describe('the vault', () => {
  let customerRef: string;
  beforeEach(async () => {
    ({ customerRef } = await vault().createCustomer({ key: `vault/${count++}`, customerId: 'cust_1' }));
  });

  it('makes one customer for a key', async () => {
    const asked = { key: 'customer/cust_2', customerId: 'cust_2' };
    assert.deepEqual(await vault().createCustomer(asked), await vault().createCustomer(asked));
  });

  it('keeps the method of a payment, which then pays without the customer', async () => {
    const first = await gateway.authorize(request({ customerRef, saveMethod: true }));
    assert.equal(first.savedMethod?.customerRef, customerRef);
    assert.match(first.savedMethod.token, /^pm_(?!card_)/);
    assert.equal(first.savedMethod.details.last4, '4242');
    assert.equal(first.savedMethod.details.kind, 'card');
    assert.equal(first.savedMethod.details.expiryMonth, 12);
    const again = await gateway.authorize(request({ customerRef, paymentMethod: first.savedMethod.token, offSession: true }));
    assert.equal(again.state, 'authorized');
    assert.equal(again.method?.fingerprint, first.method?.fingerprint);
    assert.equal(again.savedMethod, undefined);
    const stranger = await vault().createCustomer({ key: 'stranger', customerId: 'cust_9' });
    const stolen = request({ ...stranger, paymentMethod: first.savedMethod.token });
    await assert.rejects(gateway.authorize(stolen), gatewayError({ kind: 'rejected' }));
  });

  it('keeps no method that was not asked for, or that was declined', async () => {
    assert.equal((await gateway.authorize(request({ customerRef }))).savedMethod, undefined);
    const declined = request({ customerRef, saveMethod: true, paymentMethod: 'pm_card_visa_chargeDeclined' });
    assert.equal((await gateway.authorize(declined)).savedMethod, undefined);
  });

  it('keeps a method once its holder has authenticated the payment', async () => {
    const { payment } = await authenticated('complete', { customerRef, saveMethod: true });
    assert.deepEqual([payment.state, payment.savedMethod?.customerRef], ['authorized', customerRef]);
    const token = payment.savedMethod?.token ?? '';
    const away = await gateway.authorize(request({ customerRef, paymentMethod: token, offSession: true }));
    assert.deepEqual([away.state, away.decline?.code, away.decline?.retryable], ['failed', 'authentication_required', true]);
  });

  it('takes a method without a payment', async () => {
    const asked = { key: 's1', customerRef, paymentMethod: 'pm_card_mastercard' };
    const setup = await vault().setup(asked);
    assert.equal(setup.state, 'saved');
    assert.deepEqual([setup.method.customerRef, setup.method.details.brand], [customerRef, 'mastercard']);
    assert.deepEqual(await vault().setup(asked), setup);
    assert.deepEqual(await vault().retrieveSetup(setup.setupRef), setup);
    const paid = await gateway.authorize(request({ customerRef, paymentMethod: setup.method.token, offSession: true }));
    assert.equal(paid.state, 'authorized');
  });

  it('lets the customer authenticate a setup', async () => {
    const returnUrl = 'http://shop.example/cards';
    const paymentMethod = 'pm_card_authenticationRequiredOnSetup';
    const setup = await vault().setup({ key: 's2', customerRef, paymentMethod, returnUrl });
    assert.equal(setup.state, 'requires_action');
    assert.ok(setup.action.clientSecret?.startsWith(setup.setupRef));
    assert.equal((await vault().retrieveSetup(setup.setupRef)).state, 'requires_action');
    const back = await control.finishChallenge(setup.action.url ?? '', 'complete');
    assert.equal(new URL(back ?? '').searchParams.get('setup_intent'), setup.setupRef);
    const done = await vault().retrieveSetup(setup.setupRef);
    assert.equal(done.state, 'saved');
    const paid = await gateway.authorize(request({ customerRef, paymentMethod: done.method.token, offSession: true }));
    assert.equal(paid.state, 'authorized');
  });

  it('tells why a setup failed', async () => {
    const declined = await vault().setup({ key: 's3', customerRef, paymentMethod: 'pm_card_visa_chargeDeclinedLostCard' });
    assert.deepEqual([declined.state, declined.state === 'failed' && declined.code], ['failed', 'lost_card']);
    const returnUrl = 'http://shop.example/cards';
    const waiting = await vault().setup({ key: 's4', customerRef, paymentMethod: 'pm_card_authenticationRequired', returnUrl });
    assert.equal(waiting.state, 'requires_action');
    await control.finishChallenge(waiting.action.url ?? '', 'fail');
    const failed = await vault().retrieveSetup(waiting.setupRef);
    assert.deepEqual([failed.state, failed.state === 'failed' && failed.code], ['failed', 'setup_intent_authentication_failure']);
  });

  it('lets go of a method, however often it is asked', async () => {
    const setup = await vault().setup({ key: 's5', customerRef, paymentMethod: 'pm_card_visa' });
    assert.equal(setup.state, 'saved');
    const { token } = setup.method;
    await vault().remove({ token, customerRef });
    await vault().remove({ token, customerRef });
    await vault().remove({ token: 'pm_nobody', customerRef });
    await assert.rejects(gateway.authorize(request({ customerRef, paymentMethod: token })), gatewayError({ kind: 'rejected' }));
  });
});

describe('reauthorize', () => {
  const renew = (gatewayRef: string, asked: AuthorizeRequest): Promise<GatewayPayment> => {
    assert.ok(gateway.reauthorize);
    return gateway.reauthorize({ ...asked, gatewayRef });
  };

  it('makes another payment with the method in the vault', async () => {
    const { customerRef } = await vault().createCustomer({ key: `renew/${count}`, customerId: 'cust_1' });
    const first = await gateway.authorize(request({ customerRef, saveMethod: true }));
    const asked = request({ amount: 8_000 });
    const renewed = await renew(first.gatewayRef, asked);
    assert.deepEqual([renewed.state, renewed.amount, renewed.reference], ['authorized', 8_000, asked.reference]);
    assert.notEqual(renewed.gatewayRef, first.gatewayRef);
    assert.deepEqual(await renew(first.gatewayRef, asked), renewed);
    assert.equal((await gateway.void({ key: 'old', gatewayRef: first.gatewayRef })).state, 'canceled');
  });

  it('is refused for a method that is not in the vault', async () => {
    const { gatewayRef } = await gateway.authorize(request());
    await assert.rejects(renew(gatewayRef, request()), gatewayError({ kind: 'rejected' }));
    assert.equal((await gateway.retrieve(gatewayRef)).state, 'authorized');
  });

  it('is worth while until the authorization lapses', async () => {
    await control.setAuthorizationSeconds(120);
    const { capturableUntil } = await gateway.authorize(request());
    const left = (capturableUntil?.getTime() ?? 0) - Date.now();
    assert.ok(left > 60_000 && left <= 120_000, String(left));
  });
});

describe('disputes', () => {
  it('are read with our reference', async () => {
    const asked = request({ captureMethod: 'automatic' });
    const payment = await gateway.authorize(asked);
    const ref = await control.openDispute(payment.gatewayRef, { reason: 'product_not_received', amount: 5_000 });
    const dispute = await desk().retrieve(ref);
    assert.deepEqual(dispute.reference, asked.reference);
    assert.deepEqual(
      [dispute.gatewayRef, dispute.captureRef, dispute.amount, dispute.currency, dispute.reason, dispute.status],
      [payment.gatewayRef, payment.captures[0]?.ref, 5_000, 'EUR', 'product_not_received', 'needs_response'],
    );
    assert.ok((dispute.evidenceDueAt?.getTime() ?? 0) > Date.now());
    await assert.rejects(gateway.refund(refund(payment, { key: 'r' })), gatewayError({ kind: 'rejected' }));
  });

  it('are answered once, and then the bank decides', async () => {
    const { gatewayRef } = await gateway.authorize(request({ captureMethod: 'automatic' }));
    const ref = await control.openDispute(gatewayRef);
    const evidence = {
      explanation: 'It was delivered',
      trackingNumber: 'T1',
      carrier: 'Post',
      shippedOn: '2026-01-02',
      refundRef: 're_1',
    };
    assert.equal((await desk().respond({ key: 'd1', ref, evidence })).status, 'under_review');
    assert.equal((await desk().respond({ key: 'd2', ref, evidence })).status, 'under_review');
    await control.settleDispute(ref, 'won');
    assert.equal((await desk().retrieve(ref)).status, 'won');
    assert.equal((await desk().accept({ key: 'd3', ref })).status, 'won');
    assert.equal((await ledger())[0]?.disputed, 0);
  });

  it('are lost when they are accepted', async () => {
    const { gatewayRef } = await gateway.authorize(request({ captureMethod: 'automatic' }));
    const ref = await control.openDispute(gatewayRef);
    assert.equal((await desk().accept({ key: 'd1', ref })).status, 'lost');
    assert.equal((await desk().accept({ key: 'd1', ref })).status, 'lost');
    assert.equal((await ledger())[0]?.disputed, 12_345);
  });

  it('may begin as an inquiry, which takes no money', async () => {
    const { gatewayRef } = await gateway.authorize(request({ captureMethod: 'automatic' }));
    const ref = await control.openDispute(gatewayRef, { inquiry: true });
    assert.equal((await desk().retrieve(ref)).status, 'inquiry');
    assert.equal((await ledger())[0]?.disputed, 0);
    await control.settleDispute(ref, 'won');
    assert.equal((await desk().retrieve(ref)).status, 'won');
  });

  it('that nobody knows are refused', async () => {
    await assert.rejects(desk().retrieve('du_nobody'), gatewayError({ kind: 'rejected' }));
    const evidence = { explanation: 'x' };
    await assert.rejects(desk().respond({ key: 'd', ref: 'du_nobody', evidence }), gatewayError({ kind: 'rejected' }));
  });
});

describe('movements', () => {
  const HOUR_MS = 3_600_000;

  async function read(since: Date, until: Date): Promise<{ movements: GatewayMovement[]; cursors: (string | undefined)[] }> {
    const movements: GatewayMovement[] = [];
    const cursors: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      cursors.push(cursor);
      const page = await gateway.movements({ since, until, ...(cursor === undefined ? {} : { cursor }) });
      assert.ok(page.movements.length <= 100);
      movements.push(...page.movements);
      cursor = page.next;
    } while (cursor !== undefined);
    return { movements, cursors };
  }

  it('tell everything that happened, with our reference and keys', async () => {
    const since = new Date(Date.now() - HOUR_MS);
    const open = request();
    const authorized = await gateway.authorize(open);
    const asked = request();
    const { gatewayRef } = await gateway.authorize(asked);
    await gateway.capture(capture(gatewayRef, { key: 'c1', amount: 4_000, final: false }));
    const taken = await gateway.capture(capture(gatewayRef, { key: 'c2', amount: 6_000 }));
    const captureRef = taken.captures[0]?.ref;
    const back = await gateway.refund(refund(taken, { key: 'ref_1', amount: 500 }));
    const failing = await gateway.authorize(request({ captureMethod: 'automatic', paymentMethod: 'pm_card_refundFail' }));
    const failed = await gateway.refund(refund(failing, { key: 'ref_2', amount: 700 }));
    await waitFor(async () => (await gateway.findRefund(failing.gatewayRef, 'ref_2'))?.state === 'failed', {
      what: 'the failure of the refund',
      everyMs: 5,
    });
    const disputeRef = await control.openDispute(gatewayRef, { amount: 300 });
    await control.settleDispute(disputeRef, 'won');

    const { movements } = await read(since, new Date(Date.now() + HOUR_MS));
    const told = movements.map(({ kind, amount, gatewayRef: ref, key }) => [kind, amount, ref, key]);
    assert.deepEqual(told, [
      ['authorization', 12_345, authorized.gatewayRef, undefined],
      ['capture', 4_000, gatewayRef, undefined],
      ['capture', 6_000, gatewayRef, undefined],
      ['refund', 500, gatewayRef, 'ref_1'],
      ['capture', 12_345, failing.gatewayRef, undefined],
      ['refund', 700, failing.gatewayRef, 'ref_2'],
      ['refund_failed', 700, failing.gatewayRef, 'ref_2'],
      ['dispute', 300, gatewayRef, undefined],
      ['dispute_won', 300, gatewayRef, undefined],
    ]);
    assert.deepEqual(movements[0]?.reference, open.reference);
    assert.deepEqual(movements[1]?.reference, asked.reference);
    assert.deepEqual(
      [movements[1]?.captureRef, movements[3]?.captureRef, movements[7]?.captureRef],
      [captureRef, captureRef, captureRef],
    );
    assert.deepEqual(
      [movements[3]?.id, movements[5]?.id, movements[6]?.id, movements[8]?.id],
      [back.gatewayRef, failed.gatewayRef, failed.gatewayRef, disputeRef],
    );
    assert.equal(new Set(movements.map(({ kind, id }) => `${kind} ${id}`)).size, movements.length);
    for (const { currency, occurredAt } of movements) {
      assert.equal(currency, 'EUR');
      assert.ok(occurredAt >= since);
    }
  });

  it('leave out what is no movement: declines, releases and unfinished payments', async () => {
    const since = new Date(Date.now() - HOUR_MS);
    await gateway.authorize(request({ paymentMethod: 'pm_card_chargeDeclined' }));
    await gateway.authorize(request({ paymentMethod: 'pm_card_authenticationRequired', returnUrl: 'http://shop.example/' }));
    const { gatewayRef } = await gateway.authorize(request());
    await gateway.void({ key: 'v', gatewayRef });
    assert.deepEqual((await read(since, new Date(Date.now() + HOUR_MS))).movements, []);
  });

  it('come in pages, oldest first, and a page can be read again', async () => {
    const seed = { name: 'page', amount: 1_000, currency: 'eur', refundEvery: 5, refundMetadata: { key: 'ref_{n}' } };
    assert.equal(await control.seedPayments({ ...seed, payments: 1_000, overSeconds: 3_000 }), 1_200);
    const until = new Date(Date.now() + HOUR_MS);
    const { movements, cursors } = await read(new Date(until.getTime() - 3 * HOUR_MS), until);
    assert.equal(movements.length, 1_200);
    assert.equal(new Set(movements.map(({ id }) => id)).size, 1_200);
    const times = movements.map(({ occurredAt }) => occurredAt.getTime());
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.deepEqual(
      movements.flatMap(({ key }) => key ?? []),
      Array.from({ length: 200 }, (_, index) => `ref_${(index + 1) * 5}`),
    );
    const cursor = cursors.at(-2) ?? '';
    const span = { since: new Date(until.getTime() - 3 * HOUR_MS), until };
    const page = await gateway.movements({ ...span, cursor });
    await gateway.authorize(request({ captureMethod: 'automatic' }));
    assert.equal(page.movements.length, 100);
    assert.deepEqual(await gateway.movements({ ...span, cursor }), page);
  });

  it('of one span after the other are told once each', async () => {
    await control.seedPayments({ name: 'span', payments: 400, amount: 1_000, currency: 'eur', overSeconds: 2_000 });
    const end = Math.ceil(Date.now() / 1000) * 1000 + 1_000;
    const from = (secondsBefore: number): Date => new Date(end - secondsBefore * 1000);
    const spans = [await read(from(2_500), from(1_200)), await read(from(1_200), from(700)), await read(from(700), from(0))];
    const ids = spans.flatMap(({ movements }) => movements.map(({ id }) => id));
    assert.equal(ids.length, 400);
    assert.equal(new Set(ids).size, 400);
    for (const { movements } of spans) assert.ok(movements.length > 50);
  });

  it('refuse a cursor that is none of theirs', async () => {
    const span = { since: new Date(0), until: new Date() };
    const invalidInput = (error: unknown): boolean => error instanceof DomainError && error.code === 'INVALID_INPUT';
    await assert.rejects(gateway.movements({ ...span, cursor: 'payouts:po_1' }), invalidInput);
    await assert.rejects(gateway.movements({ ...span, cursor: 'balance:' }), invalidInput);
  });
});

describe('no usable answer', () => {
  it('is ambiguous when the answer is lost, and the same key finds the one payment', async () => {
    await control.addFault({ match: { method: 'POST' }, times: 1, effect: { kind: 'drop', stage: 'after' } });
    const since = new Date();
    const asked = request();
    await assert.rejects(gateway.authorize(asked), gatewayError({ kind: 'ambiguous', replayed: false }));
    const found = await gateway.findByReference(asked.reference.paymentId, since);
    assert.equal(found?.state, 'authorized');
    assert.equal((await gateway.authorize(asked)).gatewayRef, found.gatewayRef);
    assert.equal((await ledger()).length, 1);
  });

  it('is ambiguous when the request is lost, and there is nothing to find', async () => {
    await control.addFault({ times: 1, effect: { kind: 'drop', stage: 'before' } });
    const asked = request();
    await assert.rejects(gateway.authorize(asked), gatewayError({ kind: 'ambiguous' }));
    assert.equal(await gateway.findByReference(asked.reference.paymentId, new Date()), undefined);
  });

  it('is ambiguous after the time-out', async () => {
    await control.addFault({ times: 1, effect: { kind: 'hold', stage: 'after' } });
    const began = performance.now();
    await assert.rejects(gateway.authorize(request()), gatewayError({ kind: 'ambiguous' }));
    assert.ok(performance.now() - began < TIMEOUT_MS * 4);
  });

  it('is ambiguous when nobody listens', async () => {
    const nowhere = await startStripeEmulator();
    await nowhere.close();
    const lost = createStripeGateway({ apiKey: 'sk_test_x', webhookSecret: SECRET, baseUrl: nowhere.url, timeoutMs: TIMEOUT_MS });
    await assert.rejects(lost.retrieve('pi_1'), gatewayError({ kind: 'ambiguous' }));
  });

  it('tells a replayed failure from a first one', async () => {
    await control.addFault({ times: 1, effect: { kind: 'status', status: 500, stage: 'after' } });
    const asked = request();
    await assert.rejects(gateway.authorize(asked), gatewayError({ kind: 'ambiguous', replayed: false }));
    await assert.rejects(gateway.authorize(asked), gatewayError({ kind: 'ambiguous', replayed: true }));
    assert.equal((await gateway.findByReference(asked.reference.paymentId, new Date()))?.state, 'authorized');
  });

  it('is limited by 429, for as long as the answer says', async () => {
    await control.addFault({ times: 1, effect: { kind: 'status', status: 429, stage: 'before', retryAfterSeconds: 3 } });
    const asked = request();
    await assert.rejects(gateway.authorize(asked), gatewayError({ kind: 'limited', retryAfterMs: 3_000 }));
    assert.equal((await gateway.authorize(asked)).state, 'authorized');
  });

  it('is limited while the first request with the key is executed', async () => {
    const fault = await control.addFault({ times: 1, effect: { kind: 'hold', stage: 'during' } });
    const asked = request();
    const first = gateway.authorize(asked);
    await waitFor(async () => (await control.faults())[0]?.held === 1, { what: 'the held request', everyMs: 5 });
    await assert.rejects(gateway.authorize(asked), gatewayError({ kind: 'limited', retryAfterMs: 1_000 }));
    await control.releaseFault(fault);
    assert.equal((await first).state, 'authorized');
  });

  it('never charges twice when a third of all answers is lost and the caller reads back', async () => {
    await control.addFault({ probability: 0.3, seed: 11, effect: { kind: 'drop', stage: 'after' } });
    const since = new Date();
    async function insist(asked: AuthorizeRequest): Promise<GatewayPayment> {
      for (;;) {
        try {
          return (await gateway.findByReference(asked.reference.paymentId, since)) ?? (await gateway.authorize(asked));
        } catch (error) {
          assert.ok(gatewayError({ kind: 'ambiguous' })(error));
        }
      }
    }
    const requests = Array.from({ length: 60 }, () => request({ captureMethod: 'automatic' }));
    await Promise.all(requests.map(insist));
    const entries = await ledger();
    assert.deepEqual(
      entries.map(({ metadata, net }) => `${metadata['payment_id']} ${net}`).sort(),
      requests.map(({ reference, amount }) => `${reference.paymentId} ${amount}`).sort(),
    );
    assert.ok((await control.faults()).some(({ applied }) => applied > 20));
  });

  it('rejects a key that was used for something else', async () => {
    const asked = request();
    await gateway.authorize(asked);
    await assert.rejects(gateway.authorize({ ...asked, amount: 1_000 }), gatewayError({ kind: 'rejected' }));
  });
});

describe('findByReference', () => {
  it('looks through every page of the time asked for', async () => {
    const since = new Date();
    const first = request();
    const { gatewayRef } = await gateway.authorize(first);
    for (let n = 0; n < 120; n++) await gateway.authorize(request());
    assert.equal((await gateway.findByReference(first.reference.paymentId, since))?.gatewayRef, gatewayRef);
    assert.equal(await gateway.findByReference(first.reference.paymentId, new Date(since.getTime() + 120_000)), undefined);
  });
});

describe('webhooks', () => {
  const received: { body: Buffer; signature: string }[] = [];
  const parse = (body: Buffer, signature: string): Promise<GatewayEvent> =>
    gateway.parseWebhook(body, { 'stripe-signature': signature });
  let endpoint: Server;

  before(async () => {
    endpoint = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        received.push({ body: Buffer.concat(chunks), signature: String(incoming.headers['stripe-signature']) });
        response.end();
      });
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  });
  after(() => {
    endpoint.closeAllConnections();
    endpoint.close();
  });

  it('are verified and reduced to what the store acts upon', async () => {
    await control.setWebhookEndpoint(`http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`, SECRET);
    const asked = request();
    const { gatewayRef } = await gateway.authorize(asked);
    const payment = await gateway.capture(capture(gatewayRef));
    await gateway.refund(refund(payment, { key: 'r', amount: 45 }));
    await waitFor(async () => (await control.webhooks()).pending === 0, { what: 'the deliveries', everyMs: 5 });
    const events = await Promise.all(received.map(({ body, signature }) => parse(body, signature)));
    const told = new Set(events.map(({ type, paymentState }) => `${type} ${paymentState}`));
    assert.ok(told.has('payment_intent.amount_capturable_updated authorized'));
    assert.ok(told.has('payment_intent.succeeded captured'));
    assert.ok(told.has('charge.refunded undefined') && told.has('refund.updated undefined'));
    for (const event of events) {
      assert.equal(event.gatewayRef, gatewayRef);
      assert.equal(event.subject, event.type.startsWith('refund.') ? 'refund' : 'payment');
    }
    const succeeded = events.find(({ type }) => type === 'payment_intent.succeeded');
    assert.deepEqual(succeeded?.reference, asked.reference);
    assert.ok(Math.abs(Date.now() - succeeded.occurredAt.getTime()) < 60_000);
  });

  it('name the dispute and its payment', async () => {
    received.length = 0;
    await control.setWebhookEndpoint(`http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`, SECRET);
    const { gatewayRef } = await gateway.authorize(request({ captureMethod: 'automatic' }));
    const disputeRef = await control.openDispute(gatewayRef);
    await control.settleDispute(disputeRef, 'won');
    await waitFor(async () => (await control.webhooks()).pending === 0, { what: 'the deliveries', everyMs: 5 });
    const events = await Promise.all(received.map(({ body, signature }) => parse(body, signature)));
    const disputes = events.filter(({ subject }) => subject === 'dispute');
    assert.deepEqual(disputes.map(({ type }) => type.replace('charge.dispute.', '')).sort(), [
      'closed',
      'created',
      'funds_reinstated',
      'funds_withdrawn',
    ]);
    for (const event of disputes) assert.deepEqual([event.disputeRef, event.gatewayRef], [disputeRef, gatewayRef]);
  });

  it('of other things are kept apart', async () => {
    received.length = 0;
    await control.setWebhookEndpoint(`http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`, SECRET);
    await vault().createCustomer({ key: 'webhook/customer', customerId: 'cus_of_ours' });
    await waitFor(async () => (await control.webhooks()).pending === 0, { what: 'the deliveries', everyMs: 5 });
    const [event] = await Promise.all(received.map(({ body, signature }) => parse(body, signature)));
    assert.deepEqual([event?.type, event?.subject, event?.gatewayRef], ['customer.created', 'other', undefined]);
  });

  it('are refused when forged, altered or old', async () => {
    const stripe = new Stripe('sk_test_x');
    const payload = JSON.stringify({ id: 'evt_1', object: 'event', type: 'x', created: 1, data: { object: {} } });
    const unauthenticated = (error: unknown): boolean => error instanceof DomainError && error.code === 'UNAUTHENTICATED';
    const sign = (secret: string, timestamp: number): string =>
      stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
    const now = Math.floor(Date.now() / 1000);
    assert.equal((await parse(Buffer.from(payload), sign(SECRET, now))).id, 'evt_1');
    await assert.rejects(parse(Buffer.from(payload), sign('whsec_other', now)), unauthenticated);
    await assert.rejects(parse(Buffer.from(`${payload} `), sign(SECRET, now)), unauthenticated);
    await assert.rejects(parse(Buffer.from(payload), sign(SECRET, now - 3_600)), unauthenticated);
    await assert.rejects(parse(Buffer.from(payload), ''), unauthenticated);
    await assert.rejects(gateway.parseWebhook(Buffer.from(payload), {}), unauthenticated);
  });
});
