import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, test } from 'node:test';
import { createWebhookSender } from '../../adapters/http/webhook-sender.ts';
import type { DeliveryAttempt } from '../../domain/webhooks/delivery.ts';
import { createEventFeed } from '../../services/webhooks/event-feed.ts';
import { waitFor } from '../support/wait-for.ts';
import { startLaneStack, type LaneStack } from './lane-stack.ts';
import { httpEndpoint, rawEndpoint } from './local-endpoint.ts';

/** What names mean, look by look; the last one stays. */
const names = new Map<string, string[]>();
const resolve = async (name: string): Promise<string[]> => {
  const addresses = names.get(name) ?? [];
  const [address] = addresses.length > 1 ? addresses.splice(0, 1) : addresses;
  return address === undefined ? [] : [address];
};

const GIGABYTE = 2 ** 30;
const sender = createWebhookSender({ allowedNetworks: ['127.0.0.0/8'], allowHttp: true, resolve });
let lanes: LaneStack;
let things = 0;

before(async () => {
  lanes = await startLaneStack(sender);
});

afterEach(async () => {
  for (const { id } of await lanes.work.stores.webhookEndpoints.all()) await lanes.work.stores.webhookEndpoints.remove(id);
});

after(async () => {
  sender.close();
  await lanes.close();
});

/** Sends one event there, and answers what the delivery log has of it. */
async function logOf(url: string, { endpointId, payload }: { endpointId?: string; payload?: unknown } = {}): Promise<{ endpointId: string; status: string | undefined; attempt: DeliveryAttempt; pausedReason: string | null }> {
  const id = endpointId ?? (await lanes.endpoint({ url, timeoutMs: 1_000 }));
  await lanes.happen(`thing_${(things += 1)}`, payload === undefined ? {} : { payload });
  await lanes.send();
  const delivery = (await lanes.deliveries(id)).at(-1);
  const { items } = await lanes.desk.attempts(delivery?.id ?? '', { first: 10 });
  const endpoint = await lanes.work.stores.webhookEndpoints.get(id);
  return { endpointId: id, status: delivery?.status, attempt: items[0] ?? assert.fail('there was no try'), pausedReason: endpoint?.pausedReason ?? null };
}

test('an address inside is refused, the endpoint paused, and both say why', async () => {
  for (const url of ['http://169.254.169.254/latest/meta-data', 'http://[fd00:ec2::254]/', 'http://10.0.0.1/', 'http://0x0a.1/']) {
    const { status, attempt, pausedReason } = await logOf(url);
    assert.deepEqual([status, attempt.outcome, attempt.reason, attempt.status], ['pending', 'refused', 'blocked_address', null], url);
    assert.match(attempt.message ?? '', /has an address to which nothing is sent: \S/);
    assert.equal(pausedReason, attempt.message);
    await lanes.work.stores.webhookEndpoints.remove((await lanes.work.stores.webhookEndpoints.all())[0]?.id ?? '');
  }
});

test('a name that means something inside at the second look gets nothing more', async (t) => {
  const inside = await httpEndpoint(t, (_request, response) => void response.writeHead(204, { connection: 'close' }).end());
  names.set('rebinding.example', ['127.0.0.1', '169.254.169.254']);
  const url = `http://rebinding.example:${inside.port}/`;
  const first = await logOf(url);
  assert.deepEqual([first.status, first.attempt.status], ['delivered', 204]);
  const second = await logOf(url, first);
  assert.deepEqual([second.status, second.attempt.outcome, second.attempt.reason], ['pending', 'refused', 'blocked_address']);
  assert.match(second.pausedReason ?? '', /^rebinding\.example has an address to which nothing is sent/);
  assert.doesNotMatch(JSON.stringify(second.attempt), /169\.254\.169\.254/, 'what the name means inside is not told');
  assert.equal(inside.connections(), 1);
});

test('of a gigabyte the first 4 KiB are read, and the log says so', async (t) => {
  let written = 0;
  const endpoint = await httpEndpoint(t, (_request, response) => {
    const block = Buffer.alloc(65_536, 'x');
    response.writeHead(200, { 'content-length': GIGABYTE });
    const pour = (): void => {
      while (!response.destroyed && written < GIGABYTE) {
        written += block.length;
        if (!response.write(block)) return void response.once('drain', pour);
      }
    };
    pour();
  });
  const { status, attempt } = await logOf(`http://127.0.0.1:${endpoint.port}/`);
  assert.deepEqual([status, attempt.status, attempt.reason, attempt.responseBody?.length], ['delivered', 200, 'too_long', 4_096]);
  assert.match(attempt.message ?? '', /4096 bytes were read/);
  await waitFor(() => endpoint.openSockets() === 0, { what: 'the connection to be closed' });
  assert.ok(written < GIGABYTE / 10, `${written} bytes were taken`);
});

test('an answer that drips is over at the end of the time, and the log says so', async (t) => {
  const drips = (head: string, piece: string) =>
    rawEndpoint(t, (socket) => {
      socket.write(head);
      const timer = setInterval(() => socket.write(piece), 20);
      socket.once('close', () => clearInterval(timer));
    });
  const headers = await logOf(`http://127.0.0.1:${(await drips('HTTP/1.1 200 OK\r\n', 'x: 1\r\n')).port}/`);
  assert.deepEqual([headers.status, headers.attempt.outcome, headers.attempt.reason], ['pending', 'failed', 'timeout']);
  assert.equal(headers.attempt.message, '127.0.0.1 gave no answer in time');
  await lanes.work.stores.webhookEndpoints.remove(headers.endpointId);
  const body = await logOf(`http://127.0.0.1:${(await drips('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n', '.')).port}/`);
  assert.deepEqual([body.status, body.attempt.status, body.attempt.reason, body.attempt.message], ['delivered', 200, 'too_slow', 'The answer was not over in time, and the connection was closed']);
  for (const { attempt } of [headers, body]) assert.ok((attempt.durationMs ?? 0) >= 900 && (attempt.durationMs ?? 0) < 5_000, String(attempt.durationMs));
});

test('an event that is too large comes without its data, says where it is, and the log says so', async (t) => {
  let received = '';
  const endpoint = await httpEndpoint(t, (request, response) => {
    void text(request).then((body) => {
      received = body;
      response.writeHead(204).end();
    });
  });
  const payload = { note: 'ü'.repeat(200_000) };
  const { status, attempt } = await logOf(`http://127.0.0.1:${endpoint.port}/`, { payload });
  const body = JSON.parse(received) as { id: string; data?: unknown; omitted?: string };
  assert.equal(status, 'delivered');
  assert.ok(!('data' in body) && body.omitted?.endsWith(`/admin/v1/events/${body.id}`), received);
  assert.deepEqual([attempt.reason, attempt.requestBytes, attempt.requestBody], ['event_too_large', Buffer.byteLength(received), received]);
  assert.match(attempt.message ?? '', /larger than 256 KiB: the event was sent without its data/);
  assert.deepEqual((await createEventFeed(lanes.work.stores).get(body.id))?.data, payload);

  // So does one that only the endpoint's own transformation makes so large.
  const url = `http://127.0.0.1:${endpoint.port}/`;
  const many = { list: Array.from({ length: 2_000 }, () => 'x') };
  const transformation = { $each: 'data.list', as: 'one', item: { $each: 'data.list', as: 'other', item: '{{one}}{{other}}' } };
  const grown = await logOf(url, { endpointId: await lanes.endpoint({ url, transformation }), payload: many });
  assert.deepEqual([grown.status, grown.attempt.reason], ['delivered', 'event_too_large']);
  assert.match(grown.attempt.message ?? '', /^What the transformation makes is larger/);
});

test('a redirect is an answer that was not wanted: it is not followed, and the log says where it led', async (t) => {
  const secret = await httpEndpoint(t, (_request, response) => void response.end('secret'));
  const endpoint = await httpEndpoint(t, (_request, response) => void response.writeHead(307, { location: `http://127.0.0.1:${secret.port}/` }).end());
  const { status, attempt } = await logOf(`http://127.0.0.1:${endpoint.port}/`);
  assert.deepEqual([status, attempt.status, attempt.responseHeaders?.['location']], ['pending', 307, `http://127.0.0.1:${secret.port}/`]);
  assert.equal(secret.connections(), 0);
});

test('the log has what was sent, but for what is secret', async (t) => {
  const endpoint = await httpEndpoint(t, (_request, response) => void response.writeHead(200, { 'x-request-id': 'r1' }).end('thanks'));
  const url = `http://127.0.0.1:${endpoint.port}/`;
  const endpointId = await lanes.endpoint({ url, headers: { 'x-tenant': 'hush' }, authentication: { type: 'bearer', token: 'hush' } });
  const { attempt } = await logOf(url, { endpointId, payload: { amount: 5 } });
  assert.deepEqual([attempt.requestHeaders['x-tenant'], attempt.requestHeaders['authorization'], attempt.requestHeaders['webhook-signature']], ['[redacted]', '[redacted]', '[redacted]']);
  assert.ok(!JSON.stringify(attempt).includes('hush'));
  const sent = JSON.parse(attempt.requestBody ?? '') as { data: unknown };
  assert.deepEqual([sent.data, attempt.requestBytes], [{ amount: 5 }, Buffer.byteLength(attempt.requestBody ?? '')]);
  assert.deepEqual([attempt.responseBody, attempt.responseHeaders?.['x-request-id'], typeof attempt.durationMs], ['thanks', 'r1', 'number']);
});
