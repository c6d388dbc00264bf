import { createPaymentGateways } from '../adapters/payment-gateways.ts';
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { after, before, beforeEach, test } from 'node:test';
import type { GraphQLFormattedError } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket as HeaderedWebSocket } from 'ws';
import WebSocket from 'ws';
import { ephemeral, openDatabase, type Database } from '../adapters/postgres/database.ts';
import { createIdempotencyStore } from '../adapters/postgres/idempotency.ts';
import { createNotifications, type Notifications } from '../adapters/postgres/notifications.ts';
import { createTimelineReader } from '../adapters/postgres/timeline.ts';
import { createUnitOfWork } from '../adapters/postgres/unit-of-work.ts';
import type { CatalogService } from '../domain/catalog/catalog-service.ts';
import type { Checkout } from '../domain/checkout/checkout.ts';
import type { CheckoutAnswer, CheckoutSubmission } from '../domain/checkout/submission.ts';
import type { OrderProcess } from '../domain/orders/order-process.ts';
import type { ReconciliationService } from '../domain/payments/reconciliation-service.ts';
import { DomainError } from '../domain/shared/errors.ts';
import { createIdGenerator } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { createChannelDesk } from '../services/catalog/channel-desk.ts';
import { createCartService } from '../services/checkout/cart-service.ts';
import { createKeyedHash } from '../services/checkout/cart-tokens.ts';
import { createFraudDesk } from '../services/checkout/fraud/fraud-desk.ts';
import { createCheckoutReader } from '../services/checkout/checkout-service.ts';
import { createBalanceReader } from '../services/orders/collections/balance-reader.ts';
import { createOrderEditService } from '../services/orders/edits/order-edit-service.ts';
import { createIncidentService, createOrderReader } from '../services/orders/order-service.ts';
import { createStoredValueService } from '../services/payments/stored-value-service.ts';
import { createAnalyticsReader } from '../adapters/postgres/analytics-reader.ts';
import { createAnalyticsDesk } from '../services/orders/analytics/analytics-desk.ts';
import { createReturnDesk } from '../services/orders/returns/return-desk.ts';
import { createCustomerGroupDesk } from '../services/customers/customer-groups.ts';
import { createCustomerService } from '../services/customers/customer-service.ts';
import { createSavedMethodService } from '../services/customers/saved-methods.ts';
import { createDisputeService } from '../services/payments/dispute-service.ts';
import { createRefundService } from '../services/payments/refund-service.ts';
import { fillStore } from '../tests/support/demo-catalog.ts';
import { startStack, type Stack } from '../tests/support/stack.ts';
import { NotReadyError } from './readiness.ts';
import { createApiServer, type ApiServer } from './server.ts';

const ADMIN_KEY = 'an-admin-key-for-this-test';
const CARD = '4242424242424242';

let stack: Stack;
let database: Database;
let notifications: Notifications;
let api: ApiServer;

/** What the API has logged. */
let log = '';
/** What the checkout process was asked, and what it answers. */
let submitted: { submission: CheckoutSubmission; updateId: string }[] = [];
let answer: () => Promise<CheckoutAnswer>;
/** A checkout that stands for the carts' latest one. */
let present: Checkout | undefined;

const declined: CheckoutAnswer = {
  kind: 'declined',
  checkoutId: 'chk_1',
  reason: 'insufficient_funds',
  message: 'Not enough money',
  retryable: true,
};

before(async () => {
  stack = await startStack();
  database = openDatabase({ url: stack.databaseUrl, poolSize: 8 });
  await fillStore(database, [{ sku: 'MUG', price: 1200, stock: 10 }]);
  notifications = createNotifications({ url: stack.databaseUrl, channel: 'checkout_changed' });
  const work = createUnitOfWork(database);
  const newId = createIdGenerator();
  const reader = createCheckoutReader(work);
  const keyedHash = createKeyedHash('a-secret-of-this-test');
  const notAsked = (): Promise<never> => Promise.reject(new Error('not asked'));
  const orderProcess: OrderProcess = {
    cancel: notAsked,
    capture: notAsked,
    void: notAsked,
    refund: notAsked,
    retryRefund: notAsked,
    command: notAsked,
    describe: async () => undefined,
  };
  const gateways = createPaymentGateways(stack.config, work);
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk.toString();
      done();
    },
  });
  api = await createApiServer({
    options: {
      port: 0,
      host: '127.0.0.1',
      trustProxy: 0,
      secure: false,
      adminApiKey: ADMIN_KEY,
      graphql: { maxDepth: 8, maxCost: 1_000, introspection: true },
      subscriptionLimits: { connections: 10, connectionsPerAddress: 2, subscriptionsPerConnection: 2 },
      tracing: false,
      ownLocale: 'en',
    },
    services: {
      catalog: {} as CatalogService,
      channels: createChannelDesk({ work, newId }),
      carts: createCartService({ work, newId, now: () => new Date(), keyedHash }),
      checkouts: { ...reader, find: async (token, id) => present ?? reader.find(token, id) },
      checkoutChanges: { watch: notifications.listen },
      checkoutProcess: {
        async submit(submission, updateId) {
          submitted.push({ submission, updateId });
          return answer();
        },
        cancel: async () => undefined,
        decideReview: () => Promise.reject(new DomainError('NOT_FOUND', 'No review waits', 'checkoutId')),
      },
      draftOrders: { create: notAsked, get: notAsked, list: notAsked, cart: notAsked, update: notAsked, invoice: notAsked, cancel: notAsked, complete: notAsked },
      orders: createOrderReader(work),
      orderTracker: { track: notAsked },
      webhookEndpoints: {
        ...{ get: notAsked, list: notAsked, secrets: notAsked, backlog: notAsked, create: notAsked, update: notAsked },
        ...{ remove: notAsked, pause: notAsked, resume: notAsked, rotateSecret: notAsked },
      },
      webhookDeliveries: {
        ...{ get: notAsked, list: notAsked, attempts: notAsked, sendTest: notAsked, replay: notAsked },
        ...{ replayRange: notAsked, recover: notAsked, cancel: notAsked },
      },
      search: { search: notAsked, preview: notAsked, suggest: notAsked, similar: notAsked, hidden: notAsked },
      recommender: { recommend: notAsked },
      shopperEvents: { visitor: () => '', record: notAsked, figures: notAsked, totals: notAsked, byWeights: notAsked },
      productFacts: { setRatings: notAsked, setCosts: notAsked },
      merchandising: {
        rules: notAsked, rule: notAsked, createRule: notAsked, updateRule: notAsked, deleteRule: notAsked, synonyms: notAsked, putSynonyms: notAsked, deleteSynonyms: notAsked,
        stopWords: notAsked, setStopWords: notAsked, weights: notAsked, weightSet: notAsked, setWeights: notAsked, activate: notAsked, retire: notAsked, judgements: notAsked, judge: notAsked, learn: notAsked, learning: notAsked,
      },
      audienceNames: { channelId: notAsked, channelIds: notAsked, groupIds: notAsked, locale: (locale) => locale, codesOf: notAsked },
      searchDesk: { engines: notAsked, reindex: notAsked, cancel: notAsked, pace: notAsked, rollBack: notAsked },
      meanings: { standing: notAsked, refusals: notAsked, retry: notAsked },
      webhookEvents: { page: notAsked, get: notAsked },
      notifications: { list: notAsked, resend: notAsked, preview: notAsked },
      orderProcess,
      orderEdits: createOrderEditService({ work, newId }),
      balances: createBalanceReader(work),
      collectionProcess: { pay: notAsked },
      reorder: notAsked,
      analytics: createAnalyticsDesk({ work, reader: createAnalyticsReader(database), process: { rebuild: notAsked } }),
      returns: createReturnDesk({ work, now: () => new Date() }),
      fulfillments: work.stores.fulfillments,
      timeline: createTimelineReader(database),
      fulfillmentProcess: { cancel: notAsked, notify: notAsked },
      fulfillmentProviders: { names: ['manual'] },
      incidents: createIncidentService(work),
      reconciliation: {} as ReconciliationService,
      refunds: createRefundService({ work, gateways, newId, keyedHash }),
      refundReader: work.stores.refunds,
      customerGroups: createCustomerGroupDesk({ work, newId }),
      customers: createCustomerService({ work, newId, now: () => new Date() }),
      savedMethods: createSavedMethodService({ work, gateways, newId, now: () => new Date() }),
      storedValue: createStoredValueService({ work, newId, keyedHash, now: () => new Date() }),
      disputes: createDisputeService({ work, gateways, newId, now: () => new Date() }),
      disputeReader: work.stores.disputes,
      disputeProcess: { answer: notAsked },
      orderHolds: work.stores.orderHolds,
      gateways,
      fraud: createFraudDesk({ work, newId, keyedHash, now: () => new Date() }),
      keyedHash,
      newId,
    },
    loadChannels: work.stores.channels.all,
    gateways,
    gatewayEvents: work.stores.gatewayEvents,
    idempotencyStore: createIdempotencyStore(database),
    readiness: [{ name: 'worker', check: () => Promise.reject(new NotReadyError('no worker polls')) }],
    logger: createLogger({ name: 'api', level: 'info', destination }),
    registry: createMetrics({ role: 'api' }),
  });
});

after(async () => {
  await api.close();
  await notifications.close();
  await database.close();
  await stack.close();
});

beforeEach(() => {
  log = '';
  submitted = [];
  answer = async () => declined;
  present = undefined;
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Record<string, Record<string, unknown> | null> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(api.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, ...((await response.json()) as Pick<Answer, 'data' | 'errors'>) };
}

const storefront = (query: string, variables: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  post('/graphql', { query, variables }, headers);

const admin = (query: string, variables: object = {}): Promise<Answer> =>
  post('/admin/graphql', { query, variables }, { authorization: `Bearer ${ADMIN_KEY}` });

async function newCart(): Promise<string> {
  const { data } = await storefront('mutation { cartCreate(input: {}) { ... on CartPayload { token } } }');
  return String(data?.['cartCreate']?.['token']);
}

const SUBMIT = `mutation ($input: CheckoutSubmitInput!) { checkoutSubmit(input: $input) { __typename
  ... on CheckoutDeclined { reason retryable } ... on CheckoutProcessing { message }
  ... on InputError { code field message } } }`;

const submit = (cartToken: string, changes: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  storefront(SUBMIT, { input: { cartToken, paymentMethod: 'pm_card_visa', ...changes } }, headers);

test('health, readiness with its reasons, and metrics', async () => {
  assert.deepEqual(await (await fetch(`${api.url}/healthz`)).json(), { status: 'ok' });
  const ready = await fetch(`${api.url}/readyz`);
  assert.equal(ready.status, 503);
  assert.deepEqual(await ready.json(), { status: 'not ready', parts: { worker: 'no worker polls' } });
  await storefront('query Whatever { cart(token: "x") { id } }');
  const metrics = (await (await fetch(`${api.url}/metrics`)).text()).split('\n');
  const has = (...parts: string[]): boolean => metrics.some((line) => parts.every((part) => line.includes(part)));
  assert.ok(has('graphql_operation_duration_seconds_count', 'endpoint="storefront"', 'operation="cart"', 'outcome="ok"'));
  assert.ok(has('http_request_duration_seconds_count', 'route="/graphql"', 'status="200"', 'role="api"'));
  assert.ok(!has('Whatever'), "a client's names make no series");
});

test('a request has an id: the one that it came with, when that is fit for a log', async () => {
  const idOf = async (id: string): Promise<string | null> => {
    const { headers } = await storefront('{ __typename }', {}, { 'x-request-id': id });
    return headers.get('x-request-id');
  };
  assert.equal(await idOf('caller-12345678'), 'caller-12345678');
  const made = await idOf('bad "id" {with} spaces');
  assert.match(made ?? '', /^[0-9a-f]{32}$/);
  assert.match(log, new RegExp(`"requestId":"${made ?? ''}".*"route":"/graphql","status":200`));
});

test('answers carry strict headers, and what is not there is told as JSON', async () => {
  const response = await fetch(`${api.url}/nowhere`);
  assert.equal(response.status, 404);
  assert.deepEqual(await response.json(), { errors: [{ message: 'The page was not found', extensions: { code: 'NOT_FOUND' } }] });
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(response.headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'");
  assert.equal(response.headers.get('x-powered-by'), null);
});

test('the admin API opens to its key only, for introspection too', async () => {
  for (const query of ['{ orders { nodes { id } } }', '{ __schema { queryType { name } } }']) {
    const refused = await post('/admin/graphql', { query });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
    assert.equal(refused.errors?.[0]?.extensions['code'], 'UNAUTHENTICATED');
    assert.equal((await post('/admin/graphql', { query }, { authorization: 'Bearer wrong' })).status, 401);
    const { status, errors } = await admin(query);
    assert.deepEqual([status, errors], [200, undefined]);
  }
  assert.equal((await fetch(`${api.url}/admin/graphql?query=%7B__typename%7D`)).status, 401);
});

test('pages of other origins may call the storefront, but not the admin API', async () => {
  const headers = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
  const preflight = (path: string) => fetch(api.url + path, { method: 'OPTIONS', headers });
  const allowed = await preflight('/graphql');
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get('access-control-allow-origin'), '*');
  assert.match(allowed.headers.get('access-control-allow-headers') ?? '', /idempotency-key.*x-channel.*x-locale/);
  assert.equal((await preflight('/admin/graphql')).headers.get('access-control-allow-origin'), null);
});

test('operations that are too deep or too expensive are refused before they run', async () => {
  const deep = await storefront(`{ categories { ${'parent { '.repeat(7)} id ${'} '.repeat(7)} } }`);
  assert.equal(deep.status, 400);
  assert.match(deep.errors?.[0]?.message ?? '', /9 levels deep; at most 8/);
  const fields = 'id handle title description status version createdAt updatedAt variants { id sku title }';
  const costly = await storefront(`query ($n: Int!) { products(first: $n) { nodes { ${fields} } } }`, { n: 1 });
  assert.equal(costly.status, 400);
  assert.match(costly.errors?.[0]?.message ?? '', /costs 1301; at most 1000/);
  assert.equal(costly.errors?.[0]?.extensions['code'], 'GRAPHQL_VALIDATION_FAILED');
});

test('bad requests are told what is wrong with them', async () => {
  const unknownField = await storefront('{ cart(token: "x") { idd } }');
  assert.equal(unknownField.status, 400);
  assert.match(unknownField.errors?.[0]?.message ?? '', /Cannot query field "idd" on type "Cart"/);
  const badVariable = await storefront(SUBMIT, { input: { cartToken: 'x', paymentMethod: 'pm', version: 'three' } });
  assert.equal(badVariable.status, 400);
  assert.match(badVariable.errors?.[0]?.message ?? '', /at "input\.version"; Int cannot represent/);
  assert.equal(badVariable.errors?.[0]?.extensions['code'], 'BAD_USER_INPUT');
  const badAmount = await submit('x', { expectedTotal: { amount: 1e16, currency: 'USD' } });
  assert.match(badAmount.errors?.[0]?.message ?? '', /at "input\.expectedTotal\.amount"/);

  for (const [body, message] of [
    ['{"query":', 'Must be valid JSON'],
    [JSON.stringify({ query: `{ __typename } #${'x'.repeat(300_000)}` }), 'Is too large'],
  ] as const) {
    const { status, errors } = await post('/graphql', body);
    assert.equal(status, 400);
    assert.deepEqual(errors, [{ message, extensions: { code: 'INVALID_INPUT', field: 'body' } }]);
  }
  assert.equal((await post('/graphql', [{ query: '{ __typename }' }])).status, 400, 'batches are not answered');
  const anyPage = await fetch(`${api.url}/graphql?query=%7B__typename%7D`);
  assert.equal(anyPage.status, 400, 'a request that any page of the web could make is refused');
  const manyTokens = await storefront(`{ ${'__typename '.repeat(6_000)} }`);
  assert.match(manyTokens.errors?.[0]?.message ?? '', /more that? 5000 tokens/);
});

test('an unexpected error is masked, and logged under the id that the client gets', async () => {
  const token = await newCart();
  answer = () => Promise.reject(new Error('connect ECONNREFUSED temporal.internal:7233'));
  const { status, errors, headers } = await submit(token);
  assert.equal(status, 500);
  assert.deepEqual(errors?.[0]?.message, 'Internal error');
  assert.equal(errors?.[0]?.extensions['traceId'], headers.get('x-request-id'));
  assert.match(log, /ECONNREFUSED temporal\.internal/);
  assert.match(log, new RegExp(`"traceId":"${headers.get('x-request-id') ?? ''}"`));
});

test('what is not about the input is an error of the request with its status', async () => {
  const token = await newCart();
  answer = () => Promise.reject(new DomainError('SERVICE_UNAVAILABLE', 'Try again'));
  const { status, errors } = await submit(token);
  assert.equal(status, 503);
  assert.deepEqual(errors?.[0]?.extensions, { code: 'SERVICE_UNAVAILABLE' });
});

test('a submission reaches the process with ids, and with a hash in place of the address', async () => {
  const token = await newCart();
  const { data } = await submit(token, { version: 1, expectedTotal: { amount: 0, currency: 'USD' } });
  assert.deepEqual(data?.['checkoutSubmit'], { __typename: 'CheckoutDeclined', reason: 'insufficient_funds', retryable: true });
  const [{ submission, updateId } = assert.fail('nothing was submitted')] = submitted;
  assert.match(submission.checkoutId, /^chk_/);
  assert.match(submission.cartId, /^cart_/);
  assert.equal(submission.cartVersion, 1);
  assert.deepEqual(submission.expectedTotal, { amount: 0, currency: 'USD' });
  assert.equal(submission.networkKey, createKeyedHash('a-secret-of-this-test')('network', '127.0.0.1'));
  assert.match(updateId, /^[0-9a-f-]{36}$/);
  assert.doesNotMatch(JSON.stringify(submission), new RegExp(token));
});

test('bad input of a submission names its field, and a card number goes nowhere', async () => {
  assert.deepEqual((await submit('unknown')).data?.['checkoutSubmit'], {
    __typename: 'InputError',
    code: 'NOT_FOUND',
    field: 'cartToken',
    message: 'The cart was not found',
  });
  const { data } = await submit(await newCart(), { paymentMethod: CARD });
  assert.deepEqual([data?.['checkoutSubmit']?.['code'], data?.['checkoutSubmit']?.['field']], ['INVALID_INPUT', 'paymentMethod']);
  assert.doesNotMatch(JSON.stringify(data), new RegExp(CARD));
  assert.doesNotMatch(log, new RegExp(CARD));
  assert.deepEqual(submitted, []);
});

test('the same key and body replay the answer; another body is refused; another cart has its own keys', async () => {
  const [token, other] = [await newCart(), await newCart()];
  const key = { 'idempotency-key': 'key-1' };
  const first = await submit(token, {}, key);
  assert.equal(first.headers.get('idempotent-replayed'), null);
  answer = () => assert.fail('asked again');
  const second = await submit(token, {}, key);
  assert.deepEqual(second.data, first.data);
  assert.equal(second.headers.get('idempotent-replayed'), 'true');
  assert.equal(submitted.length, 1);

  const reused = await submit(token, { paymentMethod: 'pm_other' }, key);
  assert.equal(reused.status, 422);
  assert.deepEqual(reused.errors?.[0]?.extensions, { code: 'IDEMPOTENCY_KEY_REUSED', field: 'Idempotency-Key' });

  answer = async () => declined;
  assert.equal((await submit(other, {}, key)).headers.get('idempotent-replayed'), null);
  assert.equal(submitted.length, 2);
});

test('a request that repeats one under way is the same command; an answer that is not the last word is not kept', async () => {
  const token = await newCart();
  const key = { 'idempotency-key': 'key-2' };
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  answer = async () => {
    if (submitted.length === 2) release();
    await gate;
    return { kind: 'processing', message: 'Ask again' };
  };
  const both = await Promise.all([submit(token, {}, key), submit(token, {}, key)]);
  for (const { data } of both) assert.equal(data?.['checkoutSubmit']?.['__typename'], 'CheckoutProcessing');
  assert.equal(submitted[0]?.updateId, submitted[1]?.updateId);
  answer = async () => declined;
  const later = await submit(token, {}, key);
  assert.equal(later.data?.['checkoutSubmit']?.['__typename'], 'CheckoutDeclined');
  assert.equal(submitted[2]?.updateId, submitted[0]?.updateId);
});

test('an answer with an error is not kept, a malformed key is refused, and a query has no use for a key', async () => {
  const token = await newCart();
  const key = { 'idempotency-key': 'key-3' };
  answer = () => Promise.reject(new Error('a bug'));
  assert.equal((await submit(token, {}, key)).status, 500);
  answer = async () => declined;
  assert.equal((await submit(token, {}, key)).data?.['checkoutSubmit']?.['__typename'], 'CheckoutDeclined');

  const malformed = await submit(token, {}, { 'idempotency-key': 'with spaces' });
  assert.equal(malformed.status, 400);
  assert.equal(malformed.errors?.[0]?.extensions['field'], 'Idempotency-Key');

  const query = 'query ($token: String!) { cart(token: $token) { version } }';
  await storefront(query, { token }, { 'idempotency-key': 'key-4' });
  assert.equal((await storefront(query, { token }, { 'idempotency-key': 'key-4' })).headers.get('idempotent-replayed'), null);
});

test("a new cart's token is never kept for a replay", async () => {
  const create = async (): Promise<string> => {
    const mutation = 'mutation { cartCreate(input: {}) { ... on CartPayload { token } } }';
    const { data } = await storefront(mutation, {}, { 'idempotency-key': 'key-5' });
    return String(data?.['cartCreate']?.['token']);
  };
  const [one, two] = [await create(), await create()];
  assert.notEqual(one, two);
  const kept = ephemeral("SELECT 1 FROM idempotency_keys WHERE response #>> '{}' LIKE '%' || $1 || '%'");
  assert.deepEqual(await database.rows(kept, [one]), []);
});

test('operators get clear errors about what they send', async () => {
  const cancel = 'mutation ($input: OrderCancelInput!) { orderCancel(input: $input) { ... on InputError { code field } } }';
  const answerTo = async (reason: string, actor: string) => {
    const { data } = await admin(cancel, { input: { orderId: 'ord_x', reason, actor } });
    return data?.['orderCancel'];
  };
  assert.deepEqual(await answerTo(' ', 'ada'), { code: 'INVALID_INPUT', field: 'reason' });
  assert.deepEqual(await answerTo('late', 'a\nb'), { code: 'INVALID_INPUT', field: 'actor' });
  assert.deepEqual(await answerTo('late', 'ada'), { code: 'NOT_FOUND', field: 'orderId' });
  const page = await admin('{ orders(first: 1000) { nodes { id } } }');
  assert.deepEqual(page.errors?.[0]?.extensions, { code: 'INVALID_INPUT', field: 'first' });
});

test('GraphiQL comes from this machine alone', async () => {
  for (const path of ['/graphql', '/admin/graphql']) {
    const response = await fetch(api.url + path, { headers: { accept: 'text/html,*/*' } });
    const html = await response.text();
    assert.equal(response.status, 200);
    assert.match(html, /<title>(Storefront|Admin) API<\/title>/);
    assert.doesNotMatch(html, /(src|href|from|import)\s*[=(]?\s*["']https?:/);
    assert.match(response.headers.get('content-security-policy') ?? '', /^default-src 'none'; script-src 'self' 'sha256-/);
  }
  const script = await fetch(`${api.url}/graphiql/ruru.js`);
  assert.equal(script.status, 200);
  assert.match(script.headers.get('content-type') ?? '', /javascript/);
  await script.arrayBuffer();
  assert.equal((await fetch(`${api.url}/graphiql/nothing.js`)).status, 404);
});

const CHANGED = 'subscription ($token: String!) { checkoutChanged(cartToken: $token) { status total { amount } } }';

const checkoutOf = (cartId: string, status: Checkout['status'], version: number): Checkout => ({
  id: 'chk_1',
  cartId,
  orderId: 'ord_1',
  attempt: 1,
  status,
  currency: 'USD',
  total: 1700,
  fraud: null,
  answer: null,
  holdExpiresAt: new Date(0),
  reviewDeadline: null,
  createdAt: new Date(0),
  updatedAt: new Date(version),
});

const socketUrl = (): string => `${api.url.replace('http', 'ws')}/graphql`;
const listen = () => createClient({ url: socketUrl(), webSocketImpl: WebSocket, retryAttempts: 0, lazy: true });

test('a subscription sends the checkout now and after each notification, until it ends', async () => {
  const token = await newCart();
  const { data } = await storefront('query ($token: String!) { cart(token: $token) { id } }', { token });
  const cartId = String(data?.['cart']?.['id']);
  present = checkoutOf(cartId, 'in_review', 1);
  const client = listen();
  const states: unknown[] = [];
  for await (const result of client.iterate({ query: CHANGED, variables: { token } })) {
    states.push(result);
    if (states.length > 1) continue;
    present = checkoutOf(cartId, 'declined', 2);
    await database.run(ephemeral("SELECT pg_notify('checkout_changed', $1)"), [cartId]);
  }
  const changed = (status: string) => ({ data: { checkoutChanged: { status, total: { amount: 1700 } } } });
  assert.deepEqual(states, [changed('IN_REVIEW'), changed('DECLINED')]);
  await client.dispose();
});

test('subscriptions are refused like requests: unknown carts, wrong documents, too much at once', async () => {
  const client = listen();
  const essence = ({ message, extensions }: GraphQLFormattedError) => ({ message, extensions });
  const refusal = async (query: string, variables: Record<string, unknown> = {}): Promise<unknown> => {
    try {
      for await (const { errors } of client.iterate({ query, variables })) return errors?.map(essence);
    } catch (error) {
      return (error as GraphQLFormattedError[]).map(essence);
    }
    return 'nothing';
  };
  const unknownCart = { message: 'The cart was not found', extensions: { code: 'NOT_FOUND', field: 'cartToken' } };
  assert.deepEqual(await refusal(CHANGED, { token: 'unknown' }), [unknownCart]);
  assert.match(JSON.stringify(await refusal('{ __typename }')), /Only subscriptions/);
  assert.match(JSON.stringify(await refusal('subscription { nothing }')), /Cannot query field/);
  assert.match(JSON.stringify(await refusal('subscription {')), /Syntax Error/);
  await client.dispose();

  class FromNowhere extends HeaderedWebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol, { headers: { 'x-channel': 'nowhere' } });
    }
  }
  const stray = createClient({ url: socketUrl(), webSocketImpl: FromNowhere, retryAttempts: 0, lazy: true });
  await assert.rejects(
    stray.iterate({ query: CHANGED, variables: { token: 'unknown' } }).next(),
    (errors: unknown) => JSON.stringify((errors as GraphQLFormattedError[]).map(({ extensions }) => extensions)) === '[{"code":"INVALID_INPUT","field":"x-channel"}]',
  );
  await stray.dispose();

  const sockets = [1, 2, 3].map(() => new WebSocket(socketUrl(), 'graphql-transport-ws'));
  const outcomeOf = (socket: WebSocket): Promise<string> =>
    new Promise((resolve) => {
      socket.once('open', () => resolve('open'));
      socket.once('error', (error) => resolve(error.message));
    });
  const outcomes = await Promise.all(sockets.map(outcomeOf));
  assert.equal(outcomes.filter((outcome) => outcome === 'open').length, 2);
  assert.equal(outcomes.filter((outcome) => /429/.test(outcome)).length, 1);
  for (const socket of sockets) socket.terminate();
});

test('at its end the API answers what it was asked and takes no more', async () => {
  const token = await newCart();
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const asked = new Promise<void>((resolve) => {
    answer = async () => {
      resolve();
      await gate;
      return declined;
    };
  });
  const underWay = submit(token);
  await asked;
  const closed = api.close();
  await assert.rejects(fetch(`${api.url}/healthz`, { headers: { connection: 'close' } }), /fetch failed/);
  release();
  assert.equal((await underWay).data?.['checkoutSubmit']?.['__typename'], 'CheckoutDeclined');
  await closed;
});
