import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import Stripe from 'stripe';
import { waitFor } from '../../tests/support/wait-for.ts';
import { stripeEmulatorControl, type StripeEmulatorControl } from './control.ts';
import { startStripeEmulator, type StripeEmulator } from './server.ts';

let emulator: StripeEmulator;
let control: StripeEmulatorControl;
let stripe: Stripe;

before(async () => {
  emulator = await startStripeEmulator({ refundSettleMs: 20 });
  control = stripeEmulatorControl(emulator.url);
  const { host, port } = emulator;
  stripe = new Stripe('sk_test_disputes', { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
});
after(() => emulator.close());
beforeEach(() => control.reset());

const pay = (change: Partial<Stripe.PaymentIntentCreateParams> = {}): Promise<Stripe.PaymentIntent> =>
  stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'eur',
    confirm: true,
    payment_method: 'pm_card_visa',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    ...change,
  });

const disputeOf = (intent: string): Promise<Stripe.Dispute> =>
  waitFor(async () => (await stripe.disputes.list({ payment_intent: intent })).data[0], { what: 'the dispute', everyMs: 5 });

const disputeEvents = async (): Promise<string[]> =>
  (await stripe.events.list({ limit: 100 })).data
    .map(({ type }) => type)
    .filter((type) => type.startsWith('charge.dispute.'))
    .map((type) => type.replace('charge.dispute.', ''))
    .reverse();

const balance = async (): Promise<number[]> =>
  (await stripe.balanceTransactions.list()).data.map(({ amount }) => amount).reverse();

const refused = (error: unknown): boolean => error instanceof Stripe.errors.StripeInvalidRequestError;

describe('disputes', () => {
  for (const [name, reason, status, taken] of [
    ['pm_card_createDispute', 'fraudulent', 'needs_response', [1_000, -1_000]],
    ['pm_card_createDisputeProductNotReceived', 'product_not_received', 'needs_response', [1_000, -1_000]],
    ['pm_card_createDisputeInquiry', 'fraudulent', 'warning_needs_response', [1_000]],
  ] as const) {
    it(`come by themselves with ${name}`, async () => {
      const { id } = await pay({ payment_method: name });
      const dispute = await disputeOf(id);
      assert.deepEqual([dispute.reason, dispute.status, dispute.amount], [reason, status, 1_000]);
      assert.deepEqual(await balance(), taken);
      assert.ok(typeof dispute.charge === 'string');
      const charge = await stripe.charges.retrieve(dispute.charge);
      assert.equal(charge.disputed, true);
    });
  }

  it('wait until something was captured', async () => {
    const { id } = await pay({ payment_method: 'pm_card_createDispute', capture_method: 'manual' });
    assert.deepEqual((await stripe.disputes.list()).data, []);
    await stripe.paymentIntents.capture(id, { amount_to_capture: 400 });
    assert.equal((await disputeOf(id)).amount, 400);
  });

  it('take the money, and give it back when they are won', async () => {
    const { id } = await pay();
    const ref = await control.openDispute(id, { amount: 600 });
    await assert.rejects(stripe.refunds.create({ payment_intent: id }), refused);
    await assert.rejects(control.openDispute(id), /409/);
    const evidence = { uncategorized_text: 'It was delivered', shipping_carrier: 'Post' };
    const answered = await stripe.disputes.update(ref, { evidence, submit: true });
    assert.deepEqual([answered.status, answered.evidence.shipping_carrier], ['under_review', 'Post']);
    assert.deepEqual([answered.evidence_details.has_evidence, answered.evidence_details.submission_count], [true, 1]);
    await assert.rejects(stripe.disputes.update(ref, { evidence }), refused);
    await control.settleDispute(ref, 'won');
    const won = await stripe.disputes.retrieve(ref, { expand: ['charge'] });
    assert.deepEqual(
      [won.status, won.balance_transactions.map(({ amount }) => amount), typeof won.charge],
      ['won', [-600, 600], 'object'],
    );
    assert.deepEqual(await balance(), [1_000, -600, 600]);
    assert.deepEqual(await disputeEvents(), ['created', 'funds_withdrawn', 'updated', 'closed', 'funds_reinstated']);
    await assert.rejects(control.settleDispute(ref, 'lost'), /409/);
  });

  it('keep evidence without sending it when they are told to', async () => {
    const { id } = await pay();
    const ref = await control.openDispute(id);
    const staged = await stripe.disputes.update(ref, { evidence: { uncategorized_text: 'a draft' }, submit: false });
    assert.deepEqual([staged.status, staged.evidence_details.submission_count], ['needs_response', 0]);
    const sent = await stripe.disputes.update(ref, { evidence: { product_description: 'A lamp' } });
    assert.deepEqual([sent.status, sent.evidence.uncategorized_text], ['under_review', 'a draft']);
  });

  it('are decided by the test texts of the evidence', async () => {
    for (const [text, status] of [
      ['winning_evidence', 'won'],
      ['losing_evidence', 'lost'],
    ] as const) {
      const ref = await control.openDispute((await pay()).id);
      assert.equal((await stripe.disputes.update(ref, { evidence: { uncategorized_text: text } })).status, status);
    }
  });

  it('are lost when they are closed, once', async () => {
    const { id } = await pay();
    const ref = await control.openDispute(id);
    assert.equal((await stripe.disputes.close(ref)).status, 'lost');
    await assert.rejects(stripe.disputes.close(ref), refused);
    assert.deepEqual(await disputeEvents(), ['created', 'funds_withdrawn', 'closed']);
    for await (const entry of control.ledger()) assert.deepEqual([entry.net, entry.disputed], [1_000, 1_000]);
  });

  it('are of captured payments only', async () => {
    const { id } = await pay({ capture_method: 'manual' });
    await assert.rejects(control.openDispute(id), /409/);
    await assert.rejects(control.openDispute('pi_nobody'), /404/);
    await assert.rejects(control.settleDispute('du_nobody', 'won'), /404/);
  });
});
