import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { FulfillmentProviderError } from '../../domain/orders/fulfillment-provider.ts';
import { createJsonApi, type JsonApi } from './json-api.ts';

const TIMEOUT_MS = 400;

let server: Server;
let api: JsonApi;
let answer: RequestListener = () => {};
const schema = z.object({ id: z.string() });

before(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  api = createJsonApi({
    baseUrl: `http://127.0.0.1:${address.port}/base/`,
    apiKey: 'the key',
    timeoutMs: TIMEOUT_MS,
    title: 'The carrier',
  });
});

after(() => {
  server.closeAllConnections();
  server.close();
});

const get = () => api({ method: 'GET', path: '/v1/labels/1?x=y' }, schema);

/** Answers with this, and resolves with the error that the caller gets. */
async function failing(status: number, body: string, headers: Record<string, string> = {}): Promise<FulfillmentProviderError> {
  answer = (_, response) => void response.writeHead(status, headers).end(body);
  const error: unknown = await get().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof FulfillmentProviderError, String(error));
  return error;
}

test('sends the key of the API, that of the request, and the body', async () => {
  let seen: Pick<IncomingMessage, 'method' | 'url' | 'headers'> | undefined;
  let body = '';
  answer = (request, response) => {
    seen = request;
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => response.end('{"id":"1"}'));
  };
  assert.deepEqual(await api({ method: 'POST', path: '/v1/labels', key: 'ful_1/request', body: { a: 1 } }, schema), { id: '1' });
  assert.deepEqual([seen?.method, seen?.url, body], ['POST', '/base/v1/labels', '{"a":1}']);
  assert.equal(seen?.headers.authorization, 'Bearer the key');
  assert.equal(seen?.headers['idempotency-key'], 'ful_1/request');
});

test('sorts failures into what is to be done about them', async () => {
  const refusal = JSON.stringify({ error: { code: 'no', message: 'We do not go there' } });
  for (const status of [400, 404, 409, 422]) {
    const { kind, message } = await failing(status, refusal);
    assert.deepEqual([kind, message], ['rejected', 'We do not go there'], String(status));
  }
  for (const status of [500, 502, 503, 504]) assert.equal((await failing(status, 'oops')).kind, 'ambiguous');
  assert.equal(
    (await failing(302, '', { location: 'http://127.0.0.1:1/' })).kind,
    'rejected',
    'nobody is sent elsewhere with our key',
  );
  assert.equal((await failing(409, JSON.stringify({ error: { code: 'request_in_progress', message: 'Wait' } }))).kind, 'limited');
});

test('refuses no parcel because of a key that is not accepted', async () => {
  for (const status of [401, 403]) {
    const { kind, message, retryAfterMs } = await failing(status, '{}');
    assert.deepEqual([kind, message, retryAfterMs], ['limited', 'The carrier does not accept our API key', 60_000]);
  }
});

test('reads how long to wait, in seconds or as a date', async () => {
  assert.equal((await failing(429, '', { 'retry-after': '3' })).retryAfterMs, 3_000);
  assert.equal((await failing(429, '')).retryAfterMs, 1_000);
  assert.equal((await failing(429, '', { 'retry-after': 'soon' })).retryAfterMs, 1_000);
  const dated = (await failing(429, '', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() })).retryAfterMs ?? 0;
  assert.ok(dated > 50_000 && dated <= 60_000, String(dated));
});

test('does not know what happened when the answer makes no sense, is too long, or never ends', async () => {
  for (const body of ['', 'no JSON', '{}', '{"id":1}', `{"id":"${'x'.repeat(2_000_000)}"}`])
    assert.equal((await failing(200, body)).kind, 'ambiguous');
  answer = (_, response) => void response.write('{"id":');
  await assert.rejects(get(), {
    name: 'FulfillmentProviderError',
    kind: 'ambiguous',
    message: 'The carrier gave no answer to GET /v1/labels/1',
  });
  answer = (request) => request.socket.destroy();
  await assert.rejects(get(), { kind: 'ambiguous' });
});

test('tells operators one line without card numbers, and none of the key', async () => {
  const { message, stack = '' } = await failing(
    422,
    JSON.stringify({ error: { code: 'no', message: `Paid\nwith 4242 4242 4242 4242 ${'x'.repeat(500)}` } }),
  );
  assert.doesNotMatch(message, /4242 4242 4242|\n/);
  assert.ok(message.length <= 300);
  assert.doesNotMatch(stack, /the key/);
});
