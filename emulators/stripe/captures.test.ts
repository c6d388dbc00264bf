import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import Stripe from 'stripe';
import { stripeEmulatorControl, type StripeEmulatorControl } from './control.ts';
import { startStripeEmulator, type StripeEmulator } from './server.ts';

let emulator: StripeEmulator;
let control: StripeEmulatorControl;
let stripe: Stripe;

before(async () => {
  emulator = await startStripeEmulator();
  control = stripeEmulatorControl(emulator.url);
  const { host, port } = emulator;
  stripe = new Stripe('sk_test_captures', { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
});
after(() => emulator.close());
beforeEach(() => control.reset());

const authorize = (change: Partial<Stripe.PaymentIntentCreateParams> = {}): Promise<Stripe.PaymentIntent> =>
  stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'eur',
    confirm: true,
    payment_method: 'pm_card_visa',
    capture_method: 'manual',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    payment_method_options: { card: { request_multicapture: 'if_available' } },
    ...change,
  });

const capture = (id: string, amount: number, final: boolean): Promise<Stripe.PaymentIntent> =>
  stripe.paymentIntents.capture(id, { amount_to_capture: amount, final_capture: final });

async function chargeOf(id: string): Promise<Stripe.Charge> {
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
  assert.ok(typeof charge === 'object' && charge);
  return charge;
}

const amounts = ({ status, amount_capturable: open, amount_received: taken }: Stripe.PaymentIntent): unknown => [
  status,
  open,
  taken,
];

/** Types of the events since `before` there were so many. */
async function eventsAfter(count: number): Promise<string[]> {
  const { data } = await stripe.events.list({ limit: 100 });
  return data
    .map(({ type }) => type)
    .slice(0, data.length - count)
    .reverse();
}

const refused = (error: unknown): boolean => error instanceof Stripe.errors.StripeInvalidRequestError;

describe('several captures', () => {
  it('take parts of one authorization, each with a balance transaction', async () => {
    const { id } = await authorize();
    assert.deepEqual(amounts(await capture(id, 700, false)), ['requires_capture', 300, 700]);
    const open = await chargeOf(id);
    assert.deepEqual([open.captured, open.amount_captured, open.amount_refunded], [false, 700, 0]);
    assert.deepEqual(amounts(await capture(id, 200, true)), ['succeeded', 0, 900]);
    const closed = await chargeOf(id);
    assert.deepEqual([closed.captured, closed.amount_captured, closed.amount_refunded], [true, 900, 0]);
    assert.deepEqual(await eventsAfter(2), [
      'charge.updated',
      'payment_intent.amount_capturable_updated',
      'charge.updated',
      'payment_intent.amount_capturable_updated',
      'charge.captured',
      'payment_intent.succeeded',
    ]);
    const { data } = await stripe.balanceTransactions.list({ source: closed.id });
    assert.deepEqual(
      data.map(({ amount }) => amount),
      [200, 700],
    );
  });

  it('can be refunded before the last of them', async () => {
    const { id } = await authorize();
    await capture(id, 700, false);
    await stripe.refunds.create({ payment_intent: id, amount: 700 });
    assert.equal((await chargeOf(id)).refunded, false);
    await assert.rejects(stripe.refunds.create({ payment_intent: id, amount: 1 }), refused);
    await capture(id, 0, true);
    assert.equal((await chargeOf(id)).refunded, true);
  });

  it('let the rest go by a last one of nothing, or by a cancellation', async () => {
    for (const release of [(id: string) => capture(id, 0, true), (id: string) => stripe.paymentIntents.cancel(id)]) {
      const { id } = await authorize();
      await assert.rejects(capture(id, 0, true), refused);
      await capture(id, 400, false);
      assert.deepEqual(amounts(await release(id)), ['succeeded', 0, 400]);
    }
  });

  it('need a card that allows them, and to be asked for', async () => {
    const unasked = await authorize({ payment_method_options: {} });
    const unable = await authorize({ payment_method: 'pm_card_jcb' });
    for (const { id } of [unasked, unable]) {
      assert.equal((await chargeOf(id)).payment_method_details?.card?.multicapture?.status, 'unavailable');
      await assert.rejects(capture(id, 100, false), refused);
      await capture(id, 400, true);
      const charge = await chargeOf(id);
      assert.deepEqual([charge.amount_captured, charge.amount_refunded, charge.refunded], [400, 600, false]);
      await stripe.refunds.create({ payment_intent: id, amount: 400 });
      assert.equal((await chargeOf(id)).refunded, true);
    }
    for await (const { captured, refunded, net } of control.ledger()) assert.deepEqual([captured, refunded, net], [400, 400, 0]);
  });
});

describe('an authorization that lapses', () => {
  it('is canceled by Stripe itself', async () => {
    const { id } = await authorize();
    const before = Math.floor(Date.now() / 1000);
    const until = (await chargeOf(id)).payment_method_details?.card?.capture_before ?? 0;
    assert.ok(Math.abs(until - before - 7 * 24 * 60 * 60) < 60);
    await control.lapseAuthorization(id);
    const after = await stripe.paymentIntents.retrieve(id);
    assert.deepEqual([after.status, after.cancellation_reason], ['canceled', 'automatic']);
    assert.deepEqual(await eventsAfter(2), ['charge.expired', 'payment_intent.canceled']);
    await assert.rejects(capture(id, 1, true), refused);
    await assert.rejects(control.lapseAuthorization(id), /409/);
  });

  it('keeps what was captured', async () => {
    const { id } = await authorize();
    await capture(id, 400, false);
    await control.lapseAuthorization(id);
    assert.deepEqual(amounts(await stripe.paymentIntents.retrieve(id)), ['succeeded', 0, 400]);
  });

  it('is refused to be captured before it is canceled', async () => {
    await control.setAuthorizationSeconds(0);
    const { id } = await authorize();
    await assert.rejects(
      capture(id, 1, true),
      (error) => error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'charge_expired_for_capture',
    );
    assert.equal((await stripe.paymentIntents.retrieve(id)).status, 'requires_capture');
  });

  it('tells the time that was set, until a reset', async () => {
    const left = async (): Promise<number> => {
      const charge = await chargeOf((await authorize()).id);
      return (charge.payment_method_details?.card?.capture_before ?? 0) - charge.created;
    };
    await control.setAuthorizationSeconds(30);
    assert.equal(await left(), 30);
    await control.reset();
    assert.equal(await left(), 7 * 24 * 60 * 60);
  });
});

describe('many payments', () => {
  const SEED = { name: 'many', payments: 2_500, amount: 1_000, currency: 'eur', refundEvery: 10, overSeconds: 500 };

  it('are made at once, with ids and metadata by their numbers', async () => {
    const metadata = { payment_id: 'pay_{n}' };
    assert.equal(await control.seedPayments({ ...SEED, metadata, refundMetadata: { key: 'ref_{n}' } }), 2_750);
    const intent = await stripe.paymentIntents.retrieve('pi_many_10', { expand: ['latest_charge'] });
    assert.ok(typeof intent.latest_charge === 'object');
    assert.deepEqual(
      [intent.metadata['payment_id'], intent.latest_charge?.id, intent.latest_charge?.refunded],
      ['pay_10', 'ch_many_10', true],
    );
    assert.equal((await stripe.refunds.retrieve('re_many_10')).metadata?.['key'], 'ref_10');
    let net = 0;
    for await (const entry of control.ledger()) net += entry.net;
    assert.equal(net, 2_250 * 1_000);
    const { data } = await stripe.balanceTransactions.list({ limit: 100, expand: ['data.source'] });
    for (const { source } of data) assert.ok(typeof source === 'object');
    assert.equal((await stripe.events.list()).data.length, 0);
    await assert.rejects(stripe.refunds.create({ payment_intent: 'pi_many_10' }), refused);
    assert.equal((await stripe.refunds.create({ payment_intent: 'pi_many_11' })).status, 'succeeded');
  });

  it('are refused behind newer ones, which would be out of order', async () => {
    await authorize();
    await assert.rejects(control.seedPayments(SEED), /409/);
  });
});
