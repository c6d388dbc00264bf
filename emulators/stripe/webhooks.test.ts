import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import Stripe from 'stripe';
import { waitFor } from '../../tests/support/wait-for.ts';
import { stripeEmulatorControl, type StripeEmulatorControl } from './control.ts';
import { startStripeEmulator, type StripeEmulator } from './server.ts';

const SECRET = 'whsec_of_the_webhooks_test';

let emulator: StripeEmulator;
let control: StripeEmulatorControl;
let stripe: Stripe;
let shop: Server;
/** What the shop answers to the next deliveries; 200 when empty. */
let answers: number[] = [];
let received: Stripe.Event[] = [];

before(async () => {
  emulator = await startStripeEmulator({ webhookDelivery: { backoffMs: 5, maxAttempts: 3 } });
  control = stripeEmulatorControl(emulator.url);
  stripe = new Stripe('sk_test_webhooks', {
    host: emulator.host,
    port: emulator.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
  shop = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push(stripe.webhooks.constructEvent(Buffer.concat(chunks), String(request.headers['stripe-signature']), SECRET));
      response.statusCode = answers.shift() ?? 200;
      response.end();
    });
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  await emulator.close();
  shop.closeAllConnections();
  shop.close();
});
beforeEach(async () => {
  await control.reset();
  await control.setWebhookEndpoint(`http://127.0.0.1:${(shop.address() as AddressInfo).port}/hook`, SECRET);
  answers = [];
  received = [];
});

const pay = (metadata: Record<string, string> = {}): Promise<Stripe.PaymentIntent> =>
  stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'eur',
    confirm: true,
    payment_method: 'pm_card_visa',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    metadata,
  });
const settled = (): Promise<unknown> =>
  waitFor(async () => (await control.webhooks()).pending === 0, { what: 'the deliveries', everyMs: 5 });
const types = (): string[] => received.map(({ type }) => type).sort();
const SUCCEEDED = { type: 'payment_intent.succeeded' };
const BOTH = ['payment_intent.created', 'payment_intent.succeeded'];

describe('webhooks', () => {
  it('are signed as the SDK expects, and repeat until they are taken', async () => {
    answers = [500, 503];
    await pay();
    await settled();
    assert.equal(received.length, 4);
    assert.deepEqual(
      (await control.webhooks()).deliveries.map(({ state }) => state),
      ['delivered', 'delivered'],
    );
  });

  it('are given up at last, and can be sent again', async () => {
    answers = Array.from({ length: 6 }, () => 500);
    await pay();
    await settled();
    const { deliveries } = await control.webhooks();
    assert.deepEqual(
      deliveries.map(({ state, attempts, lastStatus }) => [state, attempts, lastStatus]),
      [
        ['failed', 3, 500],
        ['failed', 3, 500],
      ],
    );
    received = [];
    await control.redeliver(deliveries[0]?.eventId ?? '');
    await settled();
    assert.deepEqual(
      received.map(({ id }) => id),
      [deliveries[0]?.eventId],
    );
  });

  it('can be dropped and duplicated', async () => {
    await control.addWebhookFault({ match: { type: 'payment_intent.created' }, times: 1, effect: { kind: 'drop' } });
    await control.addWebhookFault({ match: SUCCEEDED, effect: { kind: 'duplicate', count: 3 } });
    await pay();
    await settled();
    assert.deepEqual(
      types(),
      Array.from({ length: 3 }, () => 'payment_intent.succeeded'),
    );
    assert.equal(new Set(received.map(({ id }) => id)).size, 1);
  });

  it('can be held and released', async () => {
    const fault = await control.addWebhookFault({
      match: { ...SUCCEEDED, metadata: { order_id: 'ord_1' } },
      effect: { kind: 'hold' },
    });
    await pay({ order_id: 'ord_1' });
    await waitFor(() => received.length === 1, { what: 'the other event', everyMs: 5 });
    assert.deepEqual([(await control.webhooks()).pending, (await control.webhookFaults())[0]?.held], [1, 1]);
    await control.releaseWebhookFault(fault);
    await settled();
    assert.deepEqual(types(), BOTH);
  });

  it('can be reordered', async () => {
    await control.addWebhookFault({ times: 2, effect: { kind: 'reorder', size: 2 } });
    await pay();
    await settled();
    assert.deepEqual(
      received.map(({ type }) => type),
      [...BOTH].reverse(),
    );
  });

  it('can be delayed', async () => {
    await control.addWebhookFault({ match: SUCCEEDED, effect: { kind: 'delay', ms: 50 } });
    const began = performance.now();
    await pay();
    await settled();
    assert.ok(performance.now() - began >= 45);
    assert.deepEqual(
      received.map(({ type }) => type),
      BOTH,
    );
  });

  it('go nowhere without an endpoint, and do not hold up the API when it is dead', async () => {
    await control.setWebhookEndpoint(null);
    await pay();
    assert.deepEqual((await control.webhooks()).deliveries, []);
    await control.setWebhookEndpoint('http://127.0.0.1:1/', SECRET);
    assert.equal((await pay()).status, 'succeeded');
    await settled();
    assert.deepEqual(
      (await control.webhooks()).deliveries.map(({ state }) => state),
      ['failed', 'failed'],
    );
  });
});
