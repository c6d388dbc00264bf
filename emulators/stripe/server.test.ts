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
  stripe = new Stripe('sk_test_server', {
    host: emulator.host,
    port: emulator.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
});
after(() => emulator.close());
beforeEach(() => control.reset());

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    id?: string;
    status?: string;
    error?: { type: string; code?: string; param?: string; decline_code?: string; message: string };
  };
}

async function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(new URL(path, emulator.url), {
    method: 'POST',
    body,
    headers: { authorization: 'Bearer sk_test_raw', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    signal: AbortSignal.timeout(5_000),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Reply['body'] };
}

const INTENT =
  'amount=1000&currency=eur&confirm=true&payment_method=pm_card_visa&automatic_payment_methods[enabled]=true' +
  '&automatic_payment_methods[allow_redirects]=never';
const create = (change: Partial<Stripe.PaymentIntentCreateParams> = {}): Promise<Stripe.PaymentIntent> =>
  stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'eur',
    confirm: true,
    payment_method: 'pm_card_visa',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    ...change,
  });

describe('requests', () => {
  for (const [body, code, param] of [
    ['currency=eur', 'parameter_missing', 'amount'],
    ['amount=1.5&currency=eur', 'parameter_invalid_integer', 'amount'],
    ['amount=-5&currency=eur', 'parameter_invalid_integer', 'amount'],
    ['amount=10&currency=eur', 'amount_too_small', 'amount'],
    ['amount=1000000000&currency=eur', 'amount_too_large', 'amount'],
    ['amount=1000&currency=euro', 'parameter_invalid_string', 'currency'],
    ['amount=1000&currency=eur&colour=red', 'parameter_unknown', 'colour'],
    ['amount=1000&currency=eur&automatic_payment_methods[x]=1', 'parameter_unknown', 'automatic_payment_methods[x]'],
    ['amount=1000&currency=eur&capture_method=later', 'parameter_invalid_enum', 'capture_method'],
    ['amount=1000&currency=eur&payment_method=pm_nobody', 'resource_missing', 'payment_method'],
    ['amount=1000&currency=eur&expand[]=secrets', 'parameter_invalid_string', 'expand'],
  ] as const) {
    it(`are refused with ${code} for ${param}`, async () => {
      const { status, body: answer, headers } = await post('/v1/payment_intents', body);
      assert.deepEqual(
        [status, answer.error?.type, answer.error?.code, answer.error?.param],
        [400, 'invalid_request_error', code, param],
      );
      assert.match(headers.get('request-id') ?? '', /^req_/);
    });
  }

  it('need a test key, as bearer or basic', async () => {
    assert.equal((await post('/v1/payment_intents', INTENT, { authorization: '' })).status, 401);
    assert.equal((await post('/v1/payment_intents', INTENT, { authorization: 'Bearer sk_live_1' })).status, 401);
    const basic = `Basic ${Buffer.from('sk_test_1:').toString('base64')}`;
    assert.equal((await post('/v1/payment_intents', INTENT, { authorization: basic })).status, 200);
  });

  it('to unknown addresses and objects are answered 404', async () => {
    assert.equal((await post('/v1/teapots', '')).status, 404);
    const { status, body } = await post('/v1/payment_intents/pi_nobody/capture', '');
    assert.deepEqual([status, body.error?.code], [404, 'resource_missing']);
  });

  it('that are too large are refused', async () => {
    assert.equal((await post('/v1/payment_intents', `description=${'x'.repeat(300_000)}`)).status, 413);
  });
});

describe('idempotency keys', () => {
  const key = { 'idempotency-key': 'k1' };

  it('replay success and decline alike', async () => {
    const first = await post('/v1/payment_intents', INTENT, key);
    const second = await post('/v1/payment_intents', INTENT, key);
    assert.deepEqual(second.body, first.body);
    assert.deepEqual([first.headers.get('idempotent-replayed'), second.headers.get('idempotent-replayed')], [null, 'true']);
    const declined = INTENT.replace('pm_card_visa', 'pm_card_chargeDeclined');
    const answers = await Promise.all([1, 2].map(() => post('/v1/payment_intents', declined, { 'idempotency-key': 'k2' })));
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.error?.code, body.error?.decline_code]),
      [
        [402, 'card_declined', 'generic_decline'],
        [402, 'card_declined', 'generic_decline'],
      ],
    );
    assert.equal((await stripe.paymentIntents.list()).data.length, 2);
  });

  it('belong to one body and one path', async () => {
    await post('/v1/payment_intents', INTENT, key);
    const otherBody = await post('/v1/payment_intents', `${INTENT}&description=x`, key);
    const otherPath = await post('/v1/refunds', INTENT, key);
    for (const { status, body } of [otherBody, otherPath])
      assert.deepEqual([status, body.error?.type], [400, 'idempotency_error']);
  });

  it('do not remember what failed validation', async () => {
    assert.equal((await post('/v1/payment_intents', 'currency=eur', key)).status, 400);
    assert.equal((await post('/v1/payment_intents', INTENT, key)).status, 200);
  });

  it('replay a 500 for ever, though the payment was made', async () => {
    await control.addFault({ times: 1, effect: { kind: 'status', status: 500, stage: 'after' } });
    const answers = [await post('/v1/payment_intents', INTENT, key), await post('/v1/payment_intents', INTENT, key)];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [500, 500],
    );
    assert.equal(answers[1]?.headers.get('idempotent-replayed'), 'true');
    assert.equal((await stripe.paymentIntents.list()).data[0]?.status, 'succeeded');
  });

  it('are in use while the first request is executed', async () => {
    const fault = await control.addFault({
      match: { idempotencyKey: 'k1' },
      times: 1,
      effect: { kind: 'hold', stage: 'during' },
    });
    const first = post('/v1/payment_intents', INTENT, key);
    await waitFor(async () => (await control.faults())[0]?.held === 1, { what: 'the held request', everyMs: 5 });
    const second = await post('/v1/payment_intents', INTENT, key);
    assert.deepEqual([second.status, second.body.error?.code], [409, 'idempotency_key_in_use']);
    await control.releaseFault(fault);
    assert.equal((await first).status, 200);
    assert.equal((await post('/v1/payment_intents', INTENT, key)).body.id, (await first).body.id);
  });
});

describe('lists', () => {
  it('are paged both ways, newest first', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await create({ metadata: { n: String(n) } })).id);
    const [newest, second, third, , oldest] = ids;
    const page = async (params: Stripe.PaymentIntentListParams): Promise<[string[], boolean]> => {
      const { data, has_more: more } = await stripe.paymentIntents.list(params);
      return [data.map(({ id }) => id), more];
    };
    assert.deepEqual(await page({ limit: 2 }), [ids.slice(0, 2), true]);
    assert.deepEqual(await page({ limit: 3, starting_after: second ?? '' }), [ids.slice(2), false]);
    assert.deepEqual(await page({ limit: 2, ending_before: oldest ?? '' }), [ids.slice(2, 4), true]);
    assert.deepEqual(await page({ limit: 2, ending_before: third ?? '' }), [[newest, second], false]);
    assert.deepEqual(await page({ created: { gt: Math.floor(Date.now() / 1000) + 60 } }), [[], false]);
    assert.deepEqual(await page({ created: { lt: 1 } }), [[], false]);
    assert.equal((await page({ created: { gte: 0 } }))[0].length, 5);
    await assert.rejects(page({ limit: 101 }), /less than or equal/);
  });

  it('tell the events and the balance of a payment', async () => {
    const { id } = await create();
    await stripe.refunds.create({ payment_intent: id, amount: 400 });
    const types = (await stripe.events.list()).data.map(({ type }) => type);
    assert.deepEqual(types, [
      'refund.updated',
      'charge.refunded',
      'refund.created',
      'payment_intent.succeeded',
      'payment_intent.created',
    ]);
    assert.deepEqual(
      (await stripe.balanceTransactions.list()).data.map(({ amount }) => amount),
      [-400, 1_000],
    );
  });
});

describe('test cards', () => {
  it('have a fingerprint each, and as many as a test wants', async () => {
    const fingerprint = async (id: string): Promise<string | null | undefined> =>
      (await stripe.paymentMethods.retrieve(id)).card?.fingerprint;
    const cards = ['pm_card_visa', 'pm_card_visa_fp_1', 'pm_card_visa_fp_2', 'pm_card_mastercard'];
    const prints = await Promise.all(cards.map(fingerprint));
    assert.equal(new Set(prints).size, cards.length);
    assert.equal(await fingerprint('pm_card_visa_fp_1'), prints[1]);
    const declined = create({ payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds_fp_7' });
    await assert.rejects(
      declined,
      (error) => error instanceof Stripe.errors.StripeCardError && error.decline_code === 'insufficient_funds',
    );
  });

  it('may fail a refund after it succeeded, or let it wait', async () => {
    const failing = await create({ payment_method: 'pm_card_refundFail' });
    const refund = await stripe.refunds.create({ payment_intent: failing.id });
    assert.equal(refund.status, 'succeeded');
    const failed = await waitFor(
      async () => {
        const now = await stripe.refunds.retrieve(refund.id);
        return now.status === 'failed' && now;
      },
      { what: 'the failure of the refund', everyMs: 5 },
    );
    assert.equal(failed.failure_reason, 'expired_or_canceled_card');
    for await (const entry of control.ledger()) assert.deepEqual([entry.refunded, entry.net], [0, 1_000]);

    const waiting = await create({ payment_method: 'pm_card_pendingRefund' });
    const pending = await stripe.refunds.create({ payment_intent: waiting.id });
    assert.equal(pending.status, 'pending');
    await waitFor(async () => (await stripe.refunds.retrieve(pending.id)).status === 'succeeded', {
      what: 'the refund',
      everyMs: 5,
    });
  });
});

describe('scripted faults', () => {
  it('apply to the requests that match, as often as they say', async () => {
    const match = { method: 'POST', path: '/v1/payment_intents/*/capture', metadata: { order_id: 'ord_1' } } as const;
    await control.addFault({ match, times: 1, effect: { kind: 'decline', code: 'insufficient_funds' } });
    const intent = await create({ capture_method: 'manual', metadata: { order_id: 'ord_1' } });
    const other = await create({ capture_method: 'manual', metadata: { order_id: 'ord_2' } });
    assert.equal((await stripe.paymentIntents.capture(other.id)).status, 'succeeded');
    await assert.rejects(stripe.paymentIntents.capture(intent.id), (error) => error instanceof Stripe.errors.StripeCardError);
    assert.equal((await stripe.paymentIntents.capture(intent.id)).status, 'succeeded');
    assert.equal((await control.requests()).filter(({ fault }) => fault !== null).length, 1);
  });

  it('come by chance, the same for the same seed', async () => {
    const outcomes = async (): Promise<number[]> => {
      await control.reset();
      await control.addFault({ probability: 0.3, seed: 42, effect: { kind: 'status', status: 503, stage: 'before' } });
      const statuses: number[] = [];
      for (let n = 0; n < 100; n++) statuses.push((await post('/v1/payment_intents', INTENT)).status);
      return statuses;
    };
    const first = await outcomes();
    assert.deepEqual(await outcomes(), first);
    const failed = first.filter((status) => status === 503).length;
    assert.ok(failed > 15 && failed < 45, String(failed));
  });

  it('let a request that nobody waits for any more arrive late', async () => {
    const fault = await control.addFault({ times: 1, effect: { kind: 'hold', stage: 'before' } });
    const impatient = new AbortController();
    const gone = fetch(new URL('/v1/payment_intents', emulator.url), {
      method: 'POST',
      body: INTENT,
      headers: { authorization: 'Bearer sk_test_raw' },
      signal: impatient.signal,
    });
    await waitFor(async () => (await control.faults())[0]?.held === 1, { what: 'the held request', everyMs: 5 });
    impatient.abort();
    await assert.rejects(gone);
    assert.equal((await stripe.paymentIntents.list()).data.length, 0);
    await control.releaseFault(fault);
    await waitFor(async () => (await stripe.paymentIntents.list()).data.length === 1, { what: 'the late payment', everyMs: 5 });
  });

  it('do not let a held request outlive a reset', async () => {
    for (const stage of ['before', 'during'] as const) {
      await control.addFault({ times: 1, effect: { kind: 'hold', stage } });
      const held = assert.rejects(post('/v1/payment_intents', INTENT, { 'idempotency-key': 'k1' }));
      await waitFor(async () => (await control.faults())[0]?.held === 1, { what: 'the held request', everyMs: 5 });
      await control.reset();
      await held;
      assert.equal((await stripe.paymentIntents.list()).data.length, 0);
    }
    assert.equal((await post('/v1/payment_intents', INTENT, { 'idempotency-key': 'k1' })).status, 200);
  });

  it('are checked when they are written', async () => {
    const nonsense = { effect: { kind: 'explode' } } as unknown as Parameters<typeof control.addFault>[0];
    await assert.rejects(control.addFault(nonsense), /400/);
    await assert.rejects(control.removeFault('fault_0'), /404/);
  });
});

describe('the control API', () => {
  it('does not answer pages in a browser', async () => {
    const response = await fetch(new URL('/_emulator/reset', emulator.url), {
      method: 'POST',
      headers: { origin: 'http://evil.example' },
    });
    assert.equal(response.status, 403);
  });

  it('reads the ledger of one order', async () => {
    await create({ metadata: { order_id: 'ord_1' } });
    await create({ metadata: { order_id: 'ord_2' } });
    const entries = [];
    for await (const entry of control.ledger({ orderId: 'ord_2' })) entries.push(entry);
    assert.deepEqual(
      entries.map(({ metadata, net }) => [metadata['order_id'], net]),
      [['ord_2', 1_000]],
    );
  });
});

describe('the challenge page', () => {
  it('offers both buttons, to the holder of the secret only', async () => {
    const waiting = await create({ payment_method: 'pm_card_threeDSecure2Required' });
    assert.equal(waiting.status, 'requires_action');
    assert.equal(waiting.next_action?.type, 'use_stripe_sdk');
    const url = `${emulator.url}/3d-secure/${waiting.id}?client_secret=${waiting.client_secret}`;
    const html = await (await fetch(url)).text();
    assert.match(html, /value="complete"/);
    assert.match(html, /value="fail"/);
    assert.equal((await fetch(`${emulator.url}/3d-secure/${waiting.id}?client_secret=guess`)).status, 404);
    assert.equal(await control.finishChallenge(url, 'complete'), null);
    assert.equal((await stripe.paymentIntents.retrieve(waiting.id)).status, 'succeeded');
  });
});
