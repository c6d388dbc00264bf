import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { waitFor } from '../../tests/support/wait-for.ts';
import { stripeEmulatorControl } from './control.ts';
import { startStripeEmulator, type StripeEmulator } from './server.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stripe-emulator-'));
});
after(() => rm(folder, { recursive: true }));

const sdk = ({ host, port }: StripeEmulator): Stripe =>
  new Stripe('sk_test_journal', { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });

const PAYMENT: Stripe.PaymentIntentCreateParams = {
  amount: 1_000,
  currency: 'eur',
  confirm: true,
  payment_method: 'pm_card_visa',
  capture_method: 'manual',
  automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
};

test('a second start knows the payments, the keys and the events, even after a torn write', async () => {
  const dataFile = join(folder, 'nested', 'payments.jsonl');
  const first = await startStripeEmulator({ dataFile });
  const { id } = await sdk(first).paymentIntents.create(PAYMENT, { idempotencyKey: 'k1' });
  await sdk(first).paymentIntents.capture(id);
  const refund = await sdk(first).refunds.create({ payment_intent: id, amount: 300 });
  await first.close();
  await appendFile(dataFile, '{"object":"payment_intent","id":"pi_to');

  const second = await startStripeEmulator({ dataFile });
  const replayed = await sdk(second).paymentIntents.create(PAYMENT, { idempotencyKey: 'k1' });
  assert.deepEqual(
    [replayed.id, replayed.status, replayed.lastResponse.headers['idempotent-replayed']],
    [id, 'requires_capture', 'true'],
  );
  const intent = await sdk(second).paymentIntents.retrieve(id, { expand: ['latest_charge'] });
  assert.ok(typeof intent.latest_charge === 'object' && intent.latest_charge);
  assert.deepEqual([intent.status, intent.latest_charge.amount_refunded], ['succeeded', 300]);
  assert.deepEqual(
    (await sdk(second).refunds.list({ payment_intent: id })).data.map((known) => known.id),
    [refund.id],
  );
  assert.equal((await sdk(second).events.list({ type: 'payment_intent.succeeded' })).data.length, 1);
  await sdk(second).paymentIntents.create(PAYMENT, { idempotencyKey: 'k2' });
  await second.close();

  const third = await startStripeEmulator({ dataFile });
  assert.equal((await sdk(third).paymentIntents.list()).data.length, 2);
  await stripeEmulatorControl(third.url).reset();
  await third.close();

  const fourth = await startStripeEmulator({ dataFile });
  assert.equal((await sdk(fourth).paymentIntents.list()).data.length, 0);
  await fourth.close();
});

test('a second start knows customers, methods, setups and disputes, and what was still to come', async () => {
  const dataFile = join(folder, 'vault.jsonl');
  const first = await startStripeEmulator({ dataFile });
  const { id: customer } = await sdk(first).customers.create();
  const { id: method } = await sdk(first).paymentMethods.attach('pm_card_visa', { customer });
  const setup = await sdk(first).setupIntents.create({
    customer,
    payment_method: 'pm_card_mastercard',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  const paid = await sdk(first).paymentIntents.create({
    ...PAYMENT,
    capture_method: 'automatic',
    customer,
    payment_method: method,
  });
  const dispute = await stripeEmulatorControl(first.url).openDispute(paid.id, { amount: 400 });
  const waiting = { ...PAYMENT, capture_method: 'automatic', payment_method: 'pm_card_createDispute' } as const;
  const { id: undisputed } = await sdk(first).paymentIntents.create(waiting);
  await first.close();

  const second = await startStripeEmulator({ dataFile, refundSettleMs: 10 });
  const { data: methods } = await sdk(second).paymentMethods.list({ customer });
  assert.deepEqual(
    methods.map(({ card }) => card?.brand),
    ['mastercard', 'visa'],
  );
  assert.equal((await sdk(second).setupIntents.retrieve(setup.id)).status, 'succeeded');
  await sdk(second).disputes.close(dispute);
  const ofFirst = { customer, payment_method: method, off_session: true };
  assert.equal((await sdk(second).paymentIntents.create({ ...PAYMENT, ...ofFirst })).status, 'requires_capture');
  await waitFor(async () => (await sdk(second).disputes.list({ payment_intent: undisputed })).data.length === 1, {
    what: 'the dispute that was to come',
    everyMs: 5,
  });
  await second.close();

  const third = await startStripeEmulator({ dataFile });
  const lost = await sdk(third).disputes.retrieve(dispute);
  assert.deepEqual([lost.status, lost.balance_transactions.length], ['lost', 1]);
  assert.equal((await sdk(third).disputes.list()).data.length, 2);
  await third.close();
});

test('a port in use is refused', async () => {
  const first = await startStripeEmulator();
  await assert.rejects(startStripeEmulator({ port: first.port }), /EADDRINUSE/);
  await first.close();
});
