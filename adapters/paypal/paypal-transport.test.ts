import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { GatewayError } from '../../domain/payments/gateway.ts';
import { createPaypalClient, type PaypalClient } from './paypal-client.ts';
import { PaypalError } from './paypal-error.ts';
import { createPaypalTransport } from './paypal-transport.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const TIMEOUT_MS = 300;
const isKind = (kind: GatewayError['kind']) => (error: unknown) => error instanceof GatewayError && error.kind === kind;

function json(response: ServerResponse, status: number, content: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content));
}

describe('the transport', () => {
  let server: Server;
  let client: PaypalClient;
  let tokens: number;
  let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  let giveToken: Handler;
  let answer: Handler;

  before(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        if (url === '/v1/oauth2/token') return giveToken(request, response, body);
        seen.push({ method, url, headers, body });
        answer(request, response, body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  beforeEach(() => {
    tokens = 0;
    seen = [];
    giveToken = (_request, response) =>
      json(response, 200, { access_token: `token-${++tokens}`, token_type: 'Bearer', expires_in: 32_400 });
    answer = (_request, response) => json(response, 200, { id: 'O-1', status: 'CREATED' });
    const address = server.address();
    assert.ok(typeof address === 'object' && address);
    const baseUrl = `http://127.0.0.1:${address.port}`;
    client = createPaypalClient(
      createPaypalTransport({ clientId: 'id', clientSecret: 'secret', baseUrl, timeoutMs: TIMEOUT_MS }),
    );
  });

  it('carries the SDK’s requests to the server that it is told, with the key and the token', async () => {
    giveToken = (request, response, body) => {
      assert.equal(request.headers.authorization, `Basic ${Buffer.from('id:secret').toString('base64')}`);
      assert.equal(body, 'grant_type=client_credentials');
      json(response, 200, { access_token: `token-${++tokens}`, token_type: 'Bearer', expires_in: 32_400 });
    };
    await client.payments.refundCapturedPayment({
      captureId: 'C/1',
      paypalRequestId: 'key-1',
      prefer: 'return=representation',
      body: { amount: { currencyCode: 'EUR', value: '1.00' }, customId: 'key-1' },
    });
    const [request] = seen;
    assert.ok(request);
    assert.deepEqual([request.method, request.url], ['POST', '/v2/payments/captures/C%2F1/refund']);
    assert.equal(request.headers.authorization, 'Bearer token-1');
    assert.equal(request.headers['paypal-request-id'], 'key-1');
    assert.equal(request.headers.prefer, 'return=representation');
    assert.deepEqual(JSON.parse(request.body), { amount: { currency_code: 'EUR', value: '1.00' }, custom_id: 'key-1' });
  });

  it('asks for one token for requests that begin together, and keeps it', async () => {
    await Promise.all(Array.from({ length: 5 }, () => client.orders.getOrder({ id: 'O-1' })));
    await client.orders.getOrder({ id: 'O-1' });
    assert.deepEqual([tokens, seen.length], [1, 6]);
  });

  it('asks for another token before the first one ends', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await client.orders.getOrder({ id: 'O-1' });
    t.mock.timers.tick(32_339_000);
    await client.orders.getOrder({ id: 'O-1' });
    assert.equal(tokens, 1);
    t.mock.timers.tick(1_000);
    await client.orders.getOrder({ id: 'O-1' });
    assert.equal(tokens, 2);
  });

  it('replaces a token that was revoked, and sends the request again once', async () => {
    answer = (request, response) => {
      if (request.headers.authorization === 'Bearer token-1') return json(response, 401, { name: 'AUTHENTICATION_FAILURE' });
      json(response, 200, { id: 'O-1' });
    };
    await client.orders.getOrder({ id: 'O-1' });
    assert.deepEqual([tokens, seen.length], [2, 2]);
    answer = (_request, response) => json(response, 401, { name: 'AUTHENTICATION_FAILURE' });
    await assert.rejects(client.orders.getOrder({ id: 'O-1' }), (error) => error instanceof PaypalError && error.status === 401);
    assert.equal(seen.length, 4);
  });

  it('recovers from a refused token: nothing was sent meanwhile', async () => {
    const good = giveToken;
    giveToken = (_request, response) => json(response, 503, {});
    await assert.rejects(client.orders.getOrder({ id: 'O-1' }), isKind('limited'));
    giveToken = (_request, response) => response.destroy();
    await assert.rejects(client.orders.getOrder({ id: 'O-1' }), isKind('limited'));
    giveToken = (_request, response) => json(response, 401, { error: 'invalid_client' });
    await assert.rejects(client.orders.getOrder({ id: 'O-1' }), isKind('rejected'));
    assert.equal(seen.length, 0);
    giveToken = good;
    await client.orders.getOrder({ id: 'O-1' });
  });

  it('tells a refusal with its codes, and nothing of what was sent', async () => {
    const details = [
      { issue: 'INSTRUMENT_DECLINED', value: 'somebody@example.com', description: 'The instrument was declined.' },
    ];
    answer = (_request, response) =>
      json(response, 422, { name: 'UNPROCESSABLE_ENTITY', debug_id: 'd1', details }, { 'retry-after': '3' });
    await assert.rejects(client.orders.captureOrder({ id: 'O-1' }), (error) => {
      assert.ok(error instanceof PaypalError);
      assert.equal(error.message, 'PayPal answered 422 UNPROCESSABLE_ENTITY, INSTRUMENT_DECLINED (d1)');
      assert.deepEqual([error.description, error.retryAfterSeconds], ['The instrument was declined.', 3]);
      return true;
    });
  });

  it('is ambiguous about a request that got no answer, and sends it once', async () => {
    answer = (_request, response) => response.destroy();
    await assert.rejects(client.orders.captureOrder({ id: 'O-1' }), isKind('ambiguous'));
    assert.equal(seen.length, 1);
    answer = () => undefined;
    const began = performance.now();
    await assert.rejects(client.orders.captureOrder({ id: 'O-1' }), isKind('ambiguous'));
    assert.ok(performance.now() - began < TIMEOUT_MS * 4);
    answer = (_request, response) => void response.writeHead(200).write('{"id":');
    await assert.rejects(client.orders.captureOrder({ id: 'O-1' }), isKind('ambiguous'));
    assert.equal(seen.length, 3);
  });
});
