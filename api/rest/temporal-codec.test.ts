import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { after, before, test } from 'node:test';
import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import type { PayloadKey } from '../../platform/config.ts';
import { createLogger } from '../../platform/logger.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { createPayloadCodec } from '../../temporal/runtime/payload-codec.ts';
import type { ApiServices } from '../graphql/context.ts';
import { createApiServer, type ApiServer } from '../server.ts';
import { temporalCodec } from './temporal-codec.ts';

const ADMIN_KEY = 'an-admin-key-for-this-test';
const BEARER = { authorization: `Bearer ${ADMIN_KEY}` };
const UI = 'http://localhost:4003';
const HOUR_MS = 3_600_000;
const SECRET_TEXT = 'ada@example.com';

const newKey = (id: string): PayloadKey => ({ id, key: randomBytes(32) });
const key = newKey('2026-spring');
const value = { email: SECRET_TEXT };

let now = new Date('2026-03-01T12:00:00Z');
let log = '';
let encrypted: ApiServer;
let plain: ApiServer;
let tls: ApiServer;

/** A server whose other parts are never asked. */
function startServer(codec: PayloadCodec | undefined, publicUrl: string): Promise<ApiServer> {
  const unused = (): never => assert.fail('not asked');
  return createApiServer({
    options: {
      port: 0,
      host: '127.0.0.1',
      trustProxy: 0,
      secure: false,
      adminApiKey: ADMIN_KEY,
      graphql: { maxDepth: 8, maxCost: 1_000, introspection: false },
      tracing: false,
      ownLocale: 'en',
    },
    services: {} as ApiServices,
    loadChannels: unused,
    gateways: { default: 'stripe', names: [], get: unused },
    gatewayEvents: { store: unused },
    idempotencyStore: { open: unused, complete: unused, forget: unused, deleteExpired: unused },
    readiness: [],
    logger: createLogger({
      name: 'api',
      level: 'trace',
      destination: new Writable({
        write(chunk: Buffer, _encoding, done) {
          log += chunk.toString();
          done();
        },
      }),
    }),
    registry: createMetrics({ role: 'api' }),
    routes: [temporalCodec({ codec, adminApiKey: ADMIN_KEY, publicUrl, uiUrl: `${UI}/ui`, now: () => now })],
  });
}

before(async () => {
  const codec = createPayloadCodec([key]);
  encrypted = await startServer(codec, 'http://localhost:4000');
  plain = await startServer(undefined, 'http://localhost:4000');
  tls = await startServer(codec, 'https://store.example/shop');
});

after(() => Promise.all([encrypted, plain, tls].map((server) => server.close())));

interface PayloadsJson {
  readonly payloads: readonly { readonly metadata: Record<string, string>; readonly data: string }[];
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Partial<PayloadsJson> & {
    readonly errors?: readonly {
      readonly message: string;
      readonly extensions: { readonly code: string; readonly field?: string };
    }[];
  };
}

const values = [defaultPayloadConverter.toPayload(value), defaultPayloadConverter.toPayload(7)];

const base64 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');

const toJson = (...payloads: Payload[]): PayloadsJson => ({
  payloads: payloads.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)])),
    data: base64(data),
  })),
});

async function sealed(...keys: [PayloadKey, ...PayloadKey[]]): Promise<PayloadsJson> {
  return toJson(...(await createPayloadCodec(keys).encode(values)));
}

const opened = toJson(...values);

async function post(server: ApiServer, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${server.url}/temporal/codec/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-namespace': 'default', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

const logIn = (server: ApiServer, adminKey: string): Promise<Response> =>
  fetch(`${server.url}/temporal/codec/login`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ key: adminKey }),
  });

const cookieFrom = (response: Response): string => response.headers.getSetCookie()[0]?.split(';')[0] ?? assert.fail('no cookie');

test('the admin key as a bearer has payloads decoded, and encoded', async () => {
  const decoded = await post(encrypted, 'decode', await sealed(key), BEARER);
  assert.equal(decoded.status, 200);
  assert.deepEqual(decoded.body, opened);
  assert.equal(decoded.headers.get('cache-control'), 'no-store');

  const encoded = await post(encrypted, 'encode', opened, BEARER);
  assert.ok(!JSON.stringify(encoded.body).includes(opened.payloads[0]?.data ?? ''));
  assert.deepEqual((await post(encrypted, 'decode', encoded.body, BEARER)).body, opened);
});

test('whoever has neither key nor cookie gets nothing', async () => {
  const body = await sealed(key);
  const wrong = [{ authorization: 'Bearer another-key' }, { authorization: '' }, { cookie: 'temporal_codec=9999999999.x' }];
  for (const headers of [{}, ...wrong]) {
    for (const path of ['decode', 'encode']) {
      const answer = await post(encrypted, path, body, headers);
      assert.equal(answer.status, 401);
      assert.equal(answer.body.errors?.[0]?.extensions.code, 'UNAUTHENTICATED');
      assert.equal(answer.body.payloads, undefined);
    }
  }
});

test('the login page sets a cookie that opens the codec for eight hours', async () => {
  const start = now;
  const page = await fetch(`${encrypted.url}/temporal/codec/login`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  assert.match(await page.text(), /<input type="password" name="key"/);

  const response = await logIn(encrypted, ADMIN_KEY);
  assert.equal(response.status, 303);
  assert.equal(new URL(response.headers.get('location') ?? '', response.url).pathname, '/temporal/codec/login');
  const [setCookie = ''] = response.headers.getSetCookie();
  for (const attribute of ['HttpOnly', 'SameSite=Lax', 'Path=/temporal/codec', `Max-Age=${8 * 3600}`]) {
    assert.ok(setCookie.split('; ').includes(attribute), attribute);
  }
  assert.ok(!setCookie.includes('Secure') && !setCookie.includes(ADMIN_KEY));

  const cookie = `theme=dark; ${cookieFrom(response)}`;
  const welcome = await (await fetch(`${encrypted.url}/temporal/codec/login`, { headers: { cookie } })).text();
  assert.match(welcome, /logged in/);
  assert.match(welcome, /http:\/\/localhost:4000\/temporal\/codec</);

  const body = await sealed(key);
  assert.deepEqual((await post(encrypted, 'decode', body, { cookie, origin: UI })).body, opened);
  now = new Date(start.getTime() + 8 * HOUR_MS - 1000);
  assert.equal((await post(encrypted, 'decode', body, { cookie })).status, 200);
  now = new Date(start.getTime() + 8 * HOUR_MS);
  assert.equal((await post(encrypted, 'decode', body, { cookie })).status, 401);
  now = start;
});

test('a wrong key sets no cookie', async () => {
  for (const wrong of ['', 'an-admin-key-for-this-tesT', `${ADMIN_KEY} x`]) {
    const response = await logIn(encrypted, wrong);
    assert.equal(response.status, 401);
    assert.deepEqual(response.headers.getSetCookie(), []);
    assert.match(await response.text(), /not the admin API key/);
  }
  const noForm = await fetch(`${encrypted.url}/temporal/codec/login`, { method: 'POST', body: 'key' });
  assert.equal(noForm.status, 401);
});

test('behind https and a path the cookie is for https and that path', async () => {
  const [setCookie = ''] = (await logIn(tls, ADMIN_KEY)).headers.getSetCookie();
  assert.ok(setCookie.split('; ').includes('Secure'));
  assert.ok(setCookie.split('; ').includes('Path=/shop/temporal/codec'));
});

test("only pages of Temporal's UI may read the answers, with credentials", async () => {
  const body = await sealed(key);
  for (const origin of [UI, 'http://127.0.0.1:4003']) {
    const preflight = await fetch(`${encrypted.url}/temporal/codec/decode`, { method: 'OPTIONS', headers: { origin } });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), origin);
    assert.equal(preflight.headers.get('access-control-allow-credentials'), 'true');
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/);
    for (const header of ['content-type', 'x-namespace', 'authorization']) {
      assert.ok(preflight.headers.get('access-control-allow-headers')?.split(', ').includes(header), header);
    }
    for (const headers of [BEARER, {}]) {
      // A refusal too, so that the UI can tell it.
      const answer = await post(encrypted, 'decode', body, { origin, ...headers });
      assert.equal(answer.headers.get('access-control-allow-origin'), origin);
      assert.match(answer.headers.get('vary') ?? '', /origin/i);
    }
  }
  const others = ['http://localhost:4000', 'http://localhost:40030', 'https://localhost:4003', 'null', 'http://evil.example'];
  for (const origin of others) {
    const answer = await post(encrypted, 'decode', body, { origin, ...BEARER });
    assert.equal(answer.headers.get('access-control-allow-origin'), null, origin);
    assert.equal(answer.headers.get('access-control-allow-credentials'), null, origin);
  }
});

test('a bad body is refused with what is wrong', async () => {
  const bad: [unknown, string][] = [
    ['{', 'body'],
    ['[]', 'body'],
    [{}, 'payloads'],
    [{ payloads: 'x' }, 'payloads'],
    [{ payloads: [null] }, 'payloads.0'],
    [{ payloads: [{ data: 'not base64!' }] }, 'payloads.0.data'],
    [{ payloads: [{ metadata: { encoding: 1 } }] }, 'payloads.0.metadata.encoding'],
    [{ payloads: [{ data: 'A'.repeat(7_000_000) }] }, 'body'],
  ];
  for (const [body, field] of bad) {
    const { status, body: answer } = await post(encrypted, 'decode', body, BEARER);
    assert.equal(status, 400, field);
    assert.equal(answer.errors?.[0]?.extensions.code, 'INVALID_INPUT');
    assert.equal(answer.errors[0].extensions.field, field);
  }
  // What a form of another page could send without asking first.
  const simple = await post(encrypted, 'decode', opened, { ...BEARER, 'content-type': 'text/plain' });
  assert.equal(simple.status, 400);
});

test('a key that is not there and a changed payload are refused with a clear word', async () => {
  const unknown = await post(encrypted, 'decode', await sealed(newKey('2020-lost')), BEARER);
  assert.equal(unknown.status, 400);
  assert.equal(unknown.body.errors?.[0]?.message, 'No payload encryption key is named 2020-lost');
  const changed = await post(encrypted, 'decode', await sealed({ ...newKey('x'), id: key.id }), BEARER);
  assert.equal(changed.status, 400);
  assert.match(changed.body.errors?.[0]?.message ?? '', /was changed/);
});

test('payloads that were never encrypted pass, and without keys all do', async () => {
  assert.deepEqual((await post(encrypted, 'decode', opened, BEARER)).body, opened);
  const foreign = await sealed(key);
  assert.deepEqual((await post(plain, 'decode', foreign, BEARER)).body, foreign);
  assert.deepEqual((await post(plain, 'encode', opened, BEARER)).body, opened);
  assert.equal((await post(plain, 'decode', opened)).status, 401);
  assert.deepEqual((await post(plain, 'decode', { payloads: [{}] }, BEARER)).body, { payloads: [{ metadata: {}, data: '' }] });
});

test('neither payloads nor keys get into the log', async () => {
  log = '';
  const body = await sealed(key);
  await post(encrypted, 'decode', body, BEARER);
  await post(encrypted, 'decode', `${JSON.stringify(opened)}}`, BEARER);
  await logIn(encrypted, ADMIN_KEY);
  await encrypted.close();
  assert.match(log, /"route":"\/temporal\/codec\/"/);
  const payloads = [...opened.payloads, ...body.payloads].map(({ data }) => data);
  for (const secret of [SECRET_TEXT, ADMIN_KEY, ...payloads.filter((data) => data.length > 8)]) {
    assert.ok(!log.includes(secret), secret);
  }
});
