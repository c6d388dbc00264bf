import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { paypalEmulatorControl } from './control.ts';
import { startPaypalEmulator, type PaypalEmulator } from './server.ts';

let emulator: PaypalEmulator;

before(async () => {
  emulator = await startPaypalEmulator({ credentials: { clientId: 'client', clientSecret: 'secret' } });
});

after(() => emulator.close());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { id?: string; status?: string; details?: { issue: string; field?: string }[] };
}

async function token(url = emulator.url, credentials = 'client:secret'): Promise<{ status: number; token: string }> {
  const response = await fetch(`${url}/v1/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: 'grant_type=client_credentials',
  });
  const { access_token: value = '' } = (await response.json()) as { access_token?: string };
  return { status: response.status, token: value };
}

async function call(method: string, path: string, body?: unknown, options: { requestId?: string; url?: string } = {}): Promise<Answer> {
  const { url = emulator.url, requestId } = options;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${(await token(url)).token}`,
      'content-type': 'application/json',
      ...(requestId === undefined ? {} : { 'paypal-request-id': requestId }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const order = (value: string, currency = 'EUR', intent = 'CAPTURE') => ({
  intent,
  purchase_units: [{ amount: { currency_code: currency, value }, custom_id: 'cart|chk|ord|pay' }],
  payment_source: { paypal: { experience_context: { return_url: 'https://shop.example/back' } } },
});

const issueOf = ({ body }: Answer): unknown => body.details?.[0]?.issue;
const approvalUrl = ({ body }: Answer): string => (body['links'] as { rel: string; href: string }[]).find(({ rel }) => rel === 'payer-action')?.href ?? '';

describe('the PayPal emulator', () => {
  it('wants its credentials and a token', async () => {
    assert.equal((await token(emulator.url, 'client:wrong')).status, 401);
    const response = await fetch(`${emulator.url}/v2/checkout/orders/1`, { headers: { authorization: 'Bearer wrong' } });
    assert.equal(response.status, 401);
  });

  it('refuses amounts that the currency does not have, and what it does not know', async () => {
    for (const [value, currency] of [['1.001', 'EUR'], ['1.50', 'JPY'], ['-1', 'EUR'], ['0.00', 'EUR'], ['1', 'eur']] as const) {
      const answer = await call('POST', '/v2/checkout/orders', order(value, currency));
      assert.equal(answer.status, 400, `${value} ${currency}`);
    }
    const unknown = await call('POST', '/v2/checkout/orders', { ...order('1.00'), surprise: true });
    assert.deepEqual([unknown.status, issueOf(unknown)], [400, 'INVALID_PARAMETER_SYNTAX']);
    assert.equal((await call('GET', '/v2/checkout/orders/NONE')).status, 404);
  });

  it('captures nothing that nobody approved, once for a request id, and only as the order says', async () => {
    const made = await call('POST', '/v2/checkout/orders', order('12.34'));
    const path = `/v2/checkout/orders/${made.body.id}`;
    assert.equal(issueOf(await call('POST', `${path}/capture`, {})), 'ORDER_NOT_APPROVED');
    const control = paypalEmulatorControl(emulator.url);
    assert.equal(await control.approve(approvalUrl(made), 'approve'), `https://shop.example/back?token=${made.body.id}&PayerID=EMULATEDPAYER`);
    await assert.rejects(control.approve(approvalUrl(made), 'approve'), /409/);
    assert.equal(issueOf(await call('POST', `${path}/authorize`, {})), 'ACTION_DOES_NOT_MATCH_INTENT');
    const first = await call('POST', `${path}/capture`, {}, { requestId: 'one' });
    assert.deepEqual(await call('POST', `${path}/capture`, {}, { requestId: 'one' }), first);
    assert.equal(issueOf(await call('POST', `${path}/capture`, {}, { requestId: 'two' })), 'ORDER_ALREADY_CAPTURED');
    const entries = [];
    for await (const entry of control.ledger({ orderId: 'ord' })) entries.push(entry);
    assert.deepEqual(
      entries.filter(({ orderRef }) => orderRef === made.body.id).map(({ captured, net, metadata }) => [captured, net, metadata['payment_id']]),
      [[1_234, 1_234, 'pay']],
    );
  });

  it('holds a request and tells others with its id that it is under way', async () => {
    const control = paypalEmulatorControl(emulator.url);
    const id = await control.addFault({ match: { method: 'POST', idempotencyKey: 'held' }, effect: { kind: 'hold', stage: 'during' } });
    const first = call('POST', '/v2/checkout/orders', order('1.00'), { requestId: 'held' });
    while ((await control.faults()).find((fault) => fault.id === id)?.held !== 1);
    assert.equal(issueOf(await call('POST', '/v2/checkout/orders', order('1.00'), { requestId: 'held' })), 'PREVIOUS_REQUEST_IN_PROGRESS');
    await control.clearFaults();
    assert.equal((await first).status, 201);
  });

  it('keeps its account in a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'paypal-emulator-'));
    try {
      const dataFile = join(folder, 'account.json');
      const before = await startPaypalEmulator({ dataFile, credentials: { clientId: 'client', clientSecret: 'secret' } });
      const made = await call('POST', '/v2/checkout/orders', order('5.00'), { url: before.url, requestId: 'kept' });
      await before.close();
      const later = await startPaypalEmulator({ dataFile });
      try {
        assert.equal((await call('GET', `/v2/checkout/orders/${made.body.id}`, undefined, { url: later.url })).body.status, 'PAYER_ACTION_REQUIRED');
        const again = await call('POST', '/v2/checkout/orders', order('5.00'), { url: later.url, requestId: 'kept' });
        assert.equal(again.body.id, made.body.id);
      } finally {
        await later.close();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
