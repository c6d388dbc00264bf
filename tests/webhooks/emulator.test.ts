import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { webhookSigner } from '../../adapters/http/webhook-signer.ts';
import { startWebhookEndpoint, type LocalWebhookEndpoint } from '../../emulators/webhooks/server.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { waitFor } from '../support/wait-for.ts';
import { startWebhookStack, type WebhookStack } from './webhook-stack.ts';

const newId = createIdGenerator();
const secret = webhookSigner.newSecret();
let endpoint: LocalWebhookEndpoint;

before(async () => {
  endpoint = await startWebhookEndpoint({ secrets: [secret] });
});
afterEach(() => {
  endpoint.answers.set([]);
  endpoint.received.clear();
});
after(() => endpoint.close());

async function deliver(body: unknown, { id = `evt_${randomUUID()}`, with: signedWith = secret, at = new Date() }: { id?: string; with?: string; at?: Date } = {}): Promise<number> {
  const text = JSON.stringify(body);
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(signedWith).sign(id, at, text),
    authorization: 'Bearer hush',
  };
  return (await fetch(endpoint.inUrl, { method: 'POST', headers, body: text, redirect: 'manual', signal: AbortSignal.timeout(5_000) })).status;
}

const control = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${endpoint.url}/_emulator/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: await response.json() };
};

describe('the local endpoint', () => {
  it('takes what is signed, and nothing else', async () => {
    assert.equal(await deliver({ type: 'order.placed', aggregateId: 'ord_1', sequence: 1 }), 204);
    assert.equal(await deliver({ type: 'order.placed' }, { with: webhookSigner.newSecret() }), 401);
    assert.equal(await deliver({ type: 'order.placed' }, { at: new Date(Date.now() - 6 * 60_000) }), 401);
    const [first, forged, old] = endpoint.received.page(0, 10, {});
    assert.deepEqual([first?.refusal, first?.status, first?.headers['authorization']], [null, 204, '[redacted]']);
    assert.match(forged?.refusal ?? '', /signature/i);
    assert.match(old?.refusal ?? '', /timestamp/i);
    assert.deepEqual(endpoint.received.summary(), { deliveries: 3, events: 3, taken: 1, repeated: 0, forged: 2, outOfOrder: 0 });
  });

  it('counts tries, and sees what is repeated or out of order', async () => {
    const thing = { type: 'order.edited', aggregateId: 'ord_2' };
    await deliver({ ...thing, sequence: 2 }, { id: 'evt_b' });
    await deliver({ ...thing, sequence: 1 }, { id: 'evt_a' });
    await deliver({ ...thing, sequence: 2 }, { id: 'evt_b' });
    assert.deepEqual(endpoint.received.page(0, 10, {}).map(({ attempt, outOfOrder }) => [attempt, outOfOrder]), [[1, false], [1, true], [2, false]]);
    assert.equal(endpoint.received.summary().repeated, 1);
  });

  it('answers as it is told, as often as it is told', async () => {
    const told = [{ answer: { kind: 'limit', retryAfterSeconds: 7 }, eventType: 'order.*', times: 1 }, { answer: { kind: 'fail', status: 503 }, eventType: 'refund.failed' }, { answer: { kind: 'drop' }, eventType: 'product.updated', times: 1 }];
    assert.equal((await control('PUT', 'answers', told)).status, 200);
    assert.deepEqual([await deliver({ type: 'order.placed' }), await deliver({ type: 'order.placed' }), await deliver({ type: 'refund.failed' })], [429, 204, 503]);
    await assert.rejects(deliver({ type: 'product.updated' }));
    assert.equal(await deliver({ type: 'product.updated' }), 204);
    assert.equal((await control('PUT', 'answers', [{ answer: { kind: 'explode' } }])).status, 400);
    endpoint.answers.set([{ answer: { kind: 'late', afterSeconds: 0.3 } }]);
    const began = performance.now();
    assert.equal(await deliver({ type: 'product.updated' }), 204);
    assert.ok(performance.now() - began >= 290, 'it took its time');
  });

  it('lists page by page, replays, and forgets', async () => {
    for (let index = 1; index <= 5; index += 1) await deliver({ type: 'order.placed', aggregateId: 'ord_3', sequence: index }, { id: `evt_${index}` });
    const page = (await control('GET', 'deliveries?after=2&limit=2')).body as { deliveries: { number: number }[] };
    assert.deepEqual(page.deliveries.map(({ number }) => number), [3, 4]);
    assert.deepEqual((await control('POST', 'replay', { number: 1 })).body, { status: 204 });
    assert.deepEqual(endpoint.received.page(5, 1, {}).map(({ eventId, refusal, attempt }) => [eventId, refusal, attempt]), [['evt_1', null, 2]]);
    await control('DELETE', 'deliveries');
    assert.equal(endpoint.received.summary().deliveries, 0);
  });

  it('shows its page to this machine only, and nothing of what came as HTML', async () => {
    const page = await fetch(endpoint.url);
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    const html = await page.text();
    assert.ok(!html.includes('innerHTML'), 'what came is put in as text');
    await deliver({ type: '<script>alert(1)</script>' });
    assert.ok(!(await (await fetch(endpoint.url)).text()).includes('alert(1)'));
  });

  it('stays small under many deliveries', async () => {
    for (let index = 0; index < 6_000; index += 1) endpoint.received.add({ at: '', eventId: `evt_${index}`, type: 'x', aggregateId: 'a', sequence: null, refusal: null, answer: 'take', headers: {}, body: '' }).done(204);
    assert.equal(endpoint.received.page(0, 10_000, {}).length, 5_000);
    assert.equal(endpoint.received.summary().taken, 6_000);
  });
});

describe('fast forward', () => {
  let webhooks: WebhookStack;
  before(async () => {
    webhooks = await startWebhookStack({ WEBHOOK_SPEED: '3600' });
  });
  after(() => webhooks.close());

  it('hours of retries pass in seconds', async () => {
    const id = newId('webhookEndpoint');
    await webhooks.endpoint('', { url: endpoint.inUrl });
    // That it is the stack's secret which signs is told to the endpoint.
    endpoint.addSecret(webhooks.receiver.secret);
    endpoint.answers.set([{ answer: { kind: 'fail', status: 500 }, times: 11 }]);
    await webhooks.happen(id, 2);
    await waitFor(() => endpoint.received.summary().taken === 2, { what: 'both events to be taken', timeoutMs: 60_000 });
    const tries = endpoint.received.page(0, 100, { aggregateId: id });
    assert.deepEqual([tries.length, endpoint.received.summary().outOfOrder], [13, 0]);
    // 5 s doubled to an hour, eleven times, are more than an hour and a half of the store's time.
    assert.ok(Math.max(...tries.map(({ sinceFirstMs }) => sinceFirstMs)) * 3_600 > 5_400_000);
  });
});
