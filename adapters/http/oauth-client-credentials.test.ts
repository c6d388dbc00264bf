import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import type { WebhookAnswer, WebhookRequest } from '../../domain/webhooks/webhook-sender.ts';
import { httpEndpoint, rawEndpoint } from '../../tests/webhooks/local-endpoint.ts';
import { createAccessTokens, type ClientCredentials } from './oauth-client-credentials.ts';
import { createWebhookSender } from './webhook-sender.ts';

const credentials = (port: number, rest: Partial<ClientCredentials> = {}): ClientCredentials => ({
  type: 'oauth_client_credentials',
  tokenUrl: `http://127.0.0.1:${port}/token`,
  clientId: 'shop & co',
  clientSecret: 'hidden:ü%',
  ...rest,
});

/** A token endpoint that gives `token1`, `token2`…, and an endpoint that tells with what it was called. */
async function start(t: TestContext, options: { life?: unknown; status?: (token: string) => number } = {}) {
  const tokenRequests: { authorization: string | undefined; body: string; type: string | undefined }[] = [];
  const tokens = await httpEndpoint(t, (incoming, answer) => {
    const { authorization, 'content-type': type } = incoming.headers;
    void text(incoming).then((body) => {
      tokenRequests.push({ authorization, type, body });
      answer.end(
        JSON.stringify({ access_token: `token${tokenRequests.length}`, token_type: 'bearer', expires_in: options.life }),
      );
    });
  });
  const used: (string | undefined)[] = [];
  const endpoint = await httpEndpoint(t, (incoming, answer) => {
    const { authorization = '' } = incoming.headers;
    used.push(authorization);
    answer.writeHead(options.status?.(authorization) ?? 200).end();
  });
  const sender = startSender(t);
  const send = (authentication = credentials(tokens.port)): Promise<WebhookAnswer> =>
    sender.send(requestTo(endpoint.port, authentication));
  return { tokenRequests, tokens, used, endpoint, send };
}

function startSender(t: TestContext): ReturnType<typeof createWebhookSender> {
  const sender = createWebhookSender({ allowedNetworks: ['127.0.0.1'], allowHttp: true });
  t.after(() => sender.close());
  return sender;
}

const requestTo = (port: number, authentication: ClientCredentials, timeoutMs = 5_000): WebhookRequest => ({
  url: `http://127.0.0.1:${port}/hook`,
  method: 'POST',
  headers: {},
  body: '{}',
  timeoutMs,
  maxResponseBytes: 100,
  authentication,
});

test('asks for a token as RFC 6749 wants it, and keeps it', async (t) => {
  const { tokenRequests, tokens, used, send } = await start(t, { life: 3600 });
  const withScope = credentials(tokens.port, { scope: 'events:write orders' });
  for (const authentication of [undefined, undefined, withScope, withScope])
    assert.equal((await send(authentication)).kind, 'answered');
  assert.deepEqual(used, ['Bearer token1', 'Bearer token1', 'Bearer token2', 'Bearer token2']);
  assert.deepEqual(
    tokenRequests.map(({ body }) => body),
    ['grant_type=client_credentials', 'grant_type=client_credentials&scope=events%3Awrite+orders'],
  );
  const [first] = tokenRequests;
  assert.equal(first?.type, 'application/x-www-form-urlencoded');
  assert.equal(
    Buffer.from(first?.authorization?.replace('Basic ', '') ?? '', 'base64').toString(),
    'shop+%26+co:hidden%3A%C3%BC%25',
  );
});

test('many at once ask for one token', async (t) => {
  const { tokenRequests, used, send } = await start(t, { life: 3600 });
  await Promise.all(Array.from({ length: 10 }, () => send()));
  assert.equal(tokenRequests.length, 1);
  assert.deepEqual(new Set(used), new Set(['Bearer token1']));
  assert.equal(used.length, 10);
});

test('a token that the endpoint does not accept is not used again', async (t) => {
  const { used, send } = await start(t, { life: 3600, status: (token) => (token === 'Bearer token1' ? 401 : 200) });
  const statuses = [];
  for (let index = 0; index < 3; index += 1) {
    const answer = await send();
    statuses.push(answer.kind === 'answered' ? answer.status : answer.reason);
  }
  assert.deepEqual(statuses, [401, 200, 200]);
  assert.deepEqual(used, ['Bearer token1', 'Bearer token2', 'Bearer token2']);
});

test('a token is kept until shortly before it expires', async () => {
  const lives: [unknown, number][] = [
    [3_600, 3_540],
    [100, 80],
    ['3600', 3_540],
    [undefined, 240],
    [10_000_000, 86_340],
    [0, 0],
  ];
  for (const [life, usefulSeconds] of lives) {
    let now = 0;
    let asked = 0;
    const tokens = createAccessTokens({
      clock: () => now,
      parseUrl: (url) => new URL(url),
      send: async () => {
        asked += 1;
        const body = JSON.stringify({ access_token: `token${asked}`, token_type: 'Bearer', expires_in: life });
        return { status: 200, headers: {}, body, truncated: false, remoteAddress: '192.0.2.1' };
      },
    });
    const tokenAt = async (seconds: number): Promise<unknown> => {
      now = seconds * 1_000;
      return tokens.token(credentials(1), performance.now() + 1_000);
    };
    assert.deepEqual(await tokenAt(0), { token: 'token1' });
    if (usefulSeconds > 0) assert.deepEqual(await tokenAt(usefulSeconds - 0.001), { token: 'token1' }, String(life));
    assert.deepEqual(await tokenAt(usefulSeconds), { token: 'token2' }, String(life));
  }
});

test('tells why there is no token, and no secret', async (t) => {
  const sender = startSender(t);
  const endpoint = await httpEndpoint(t, (_incoming, answer) => void answer.end());
  const answering =
    (status: number, body: string): RequestListener =>
    (_incoming, answer) =>
      void answer.writeHead(status).end(body);
  const cases: [RequestListener, RegExp][] = [
    [answering(401, '{"error":"invalid_client","error_description":"hidden"}'), /answered 401 \(invalid_client\)$/],
    [answering(500, 'hidden'), /answered 500$/],
    [answering(400, '{"error":"<script>"}'), /answered 400$/],
    [answering(302, ''), /answered 302$/],
    [answering(200, 'hidden'), /gave no bearer token$/],
    [answering(200, '{"access_token":"a b","token_type":"bearer"}'), /gave no bearer token$/],
    [answering(200, '{"access_token":"hidden\\r\\nx: 1","token_type":"bearer"}'), /gave no bearer token$/],
    [answering(200, '{"access_token":"hidden","token_type":"mac"}'), /gave no bearer token$/],
    [answering(200, `{"access_token":"hidden","token_type":"bearer","more":"${'x'.repeat(100_000)}"}`), /gave no bearer token$/],
  ];
  for (const [listener, message] of cases) {
    const tokens = await httpEndpoint(t, listener);
    const answer = await sender.send(requestTo(endpoint.port, credentials(tokens.port)));
    assert.ok(answer.kind === 'failed' && answer.reason === 'authentication', JSON.stringify(answer));
    assert.match(answer.message, message);
    assert.doesNotMatch(answer.message, /hidden/);
  }
  assert.equal(endpoint.connections(), 0);
});

test('a token endpoint is guarded as an endpoint is', async (t) => {
  const { send, endpoint } = await start(t);
  for (const tokenUrl of ['http://169.254.169.254/token', 'http://[::1]/token']) {
    const refused = await send(credentials(0, { tokenUrl }));
    assert.ok(refused.kind === 'refused' && refused.reason === 'blocked_address', JSON.stringify(refused));
    assert.match(refused.message, /^Token endpoint: /);
  }
  const refused = await send(credentials(0, { tokenUrl: 'ftp://example.com' }));
  assert.ok(refused.kind === 'refused' && refused.reason === 'scheme_not_allowed');
  assert.equal(endpoint.connections(), 0);
});

test('a token endpoint that hangs takes the time of the webhook, of each that waits for it', async (t) => {
  const hanging = await rawEndpoint(t, () => {});
  const endpoint = await httpEndpoint(t, (_incoming, answer) => void answer.end());
  const sender = startSender(t);
  const authentication = credentials(hanging.port);
  const slow = sender.send(requestTo(endpoint.port, authentication, 1_000));
  const startedAt = performance.now();
  const answer = await sender.send(requestTo(endpoint.port, authentication, 100));
  assert.ok(answer.kind === 'failed' && answer.reason === 'authentication', JSON.stringify(answer));
  assert.ok(performance.now() - startedAt < 900);
  const message = 'Token endpoint: 127.0.0.1 gave no answer in time';
  assert.deepEqual({ ...(await slow), durationMs: 0 }, { kind: 'failed', reason: 'authentication', message, durationMs: 0 });
  assert.equal(hanging.connections(), 1);
});
