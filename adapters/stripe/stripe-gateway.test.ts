import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import Stripe from 'stripe';
import { GatewayError, type AuthorizeRequest, type GatewayPayment, type PaymentGateway } from '../../domain/payments/gateway.ts';
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
  emulator = await startStripeEmulator();
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

async function ledger(): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const entry of control.ledger()) entries.push(entry);
  return entries;
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
    const captured = await gateway.capture({ key: 'c1', gatewayRef, amount: 12_345 });
    assert.deepEqual([captured.state, captured.captured, captured.capturable], ['captured', 12_345, 0]);
    assert.deepEqual(await gateway.capture({ key: 'c1', gatewayRef, amount: 12_345 }), captured);
    assert.deepEqual(await gateway.capture({ key: 'c2', gatewayRef, amount: 12_345 }), captured);
    assert.equal((await ledger())[0]?.captured, 12_345);
  });

  it('releases an authorization once, and counts nothing as refunded', async () => {
    const { gatewayRef } = await gateway.authorize(request());
    const canceled = await gateway.void({ key: 'v1', gatewayRef });
    assert.deepEqual([canceled.state, canceled.capturable, canceled.captured, canceled.refunded], ['canceled', 0, 0, 0]);
    assert.equal((await gateway.void({ key: 'v2', gatewayRef })).state, 'canceled');
    assert.equal((await gateway.capture({ key: 'c', gatewayRef, amount: 12_345 })).state, 'canceled');
  });

  it('tells that a captured payment cannot be voided any more', async () => {
    const { gatewayRef } = await gateway.authorize(request({ captureMethod: 'automatic' }));
    assert.equal((await gateway.void({ key: 'v', gatewayRef })).state, 'captured');
  });

  it('refuses to capture more than was authorized', async () => {
    const { gatewayRef } = await gateway.authorize(request());
    await assert.rejects(gateway.capture({ key: 'c', gatewayRef, amount: 12_346 }), gatewayError({ kind: 'rejected' }));
    assert.equal((await gateway.retrieve(gatewayRef)).state, 'authorized');
  });

  it('refuses an unknown payment', async () => {
    await assert.rejects(gateway.capture({ key: 'c', gatewayRef: 'pi_nobody', amount: 1 }), gatewayError({ kind: 'rejected' }));
    await assert.rejects(gateway.retrieve('pi_nobody'), gatewayError({ kind: 'rejected' }));
  });
});

describe('refund', () => {
  it('gives back parts and never more than was captured', async () => {
    const { gatewayRef } = await gateway.authorize(request({ captureMethod: 'automatic' }));
    const first = await gateway.refund({ key: 'r1', gatewayRef, amount: 10_000, reason: 'The parcel was lost' });
    assert.deepEqual([first.state, first.amount], ['succeeded', 10_000]);
    assert.deepEqual(await gateway.refund({ key: 'r1', gatewayRef, amount: 10_000, reason: 'The parcel was lost' }), first);
    await assert.rejects(gateway.refund({ key: 'r2', gatewayRef, amount: 2_346 }), gatewayError({ kind: 'rejected' }));
    assert.equal((await gateway.refund({ key: 'r3', gatewayRef, amount: 2_345 })).state, 'succeeded');
    await assert.rejects(gateway.refund({ key: 'r4', gatewayRef, amount: 1 }), gatewayError({ kind: 'rejected' }));
    assert.equal((await gateway.retrieve(gatewayRef)).refunded, 12_345);
    assert.deepEqual(
      (await ledger()).map((entry) => entry.net),
      [0],
    );
  });

  it('is found by its key', async () => {
    const { gatewayRef } = await gateway.authorize(request({ captureMethod: 'automatic' }));
    assert.equal(await gateway.findRefund(gatewayRef, 'r2'), undefined);
    await gateway.refund({ key: 'r1', gatewayRef, amount: 1 });
    const second = await gateway.refund({ key: 'r2', gatewayRef, amount: 2 });
    assert.deepEqual(await gateway.findRefund(gatewayRef, 'r2'), second);
  });

  it('is refused before anything was captured', async () => {
    const { gatewayRef } = await gateway.authorize(request());
    await assert.rejects(gateway.refund({ key: 'r', gatewayRef, amount: 1 }), gatewayError({ kind: 'rejected' }));
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
    await gateway.capture({ key: 'c', gatewayRef, amount: asked.amount });
    await gateway.refund({ key: 'r', gatewayRef, amount: 45 });
    await waitFor(async () => (await control.webhooks()).pending === 0, { what: 'the deliveries', everyMs: 5 });
    const events = received.map(({ body, signature }) => gateway.parseWebhook(body, signature));
    const states = new Map(events.map((event) => [event.type, event.paymentState]));
    assert.equal(states.get('payment_intent.amount_capturable_updated'), 'authorized');
    assert.equal(states.get('payment_intent.succeeded'), 'captured');
    assert.ok(states.has('charge.refunded') && states.has('refund.updated'));
    for (const event of events) assert.equal(event.gatewayRef, gatewayRef);
    const succeeded = events.find(({ type }) => type === 'payment_intent.succeeded');
    assert.deepEqual(succeeded?.reference, asked.reference);
    assert.ok(Math.abs(Date.now() - succeeded.occurredAt.getTime()) < 60_000);
  });

  it('are refused when forged, altered or old', () => {
    const stripe = new Stripe('sk_test_x');
    const payload = JSON.stringify({ id: 'evt_1', object: 'event', type: 'x', created: 1, data: { object: {} } });
    const unauthenticated = (error: unknown): boolean => error instanceof DomainError && error.code === 'UNAUTHENTICATED';
    const sign = (secret: string, timestamp: number): string =>
      stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
    const now = Math.floor(Date.now() / 1000);
    assert.equal(gateway.parseWebhook(Buffer.from(payload), sign(SECRET, now)).id, 'evt_1');
    assert.throws(() => gateway.parseWebhook(Buffer.from(payload), sign('whsec_other', now)), unauthenticated);
    assert.throws(() => gateway.parseWebhook(Buffer.from(`${payload} `), sign(SECRET, now)), unauthenticated);
    assert.throws(() => gateway.parseWebhook(Buffer.from(payload), sign(SECRET, now - 3_600)), unauthenticated);
    assert.throws(() => gateway.parseWebhook(Buffer.from(payload), ''), unauthenticated);
  });
});
