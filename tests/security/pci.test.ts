import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { signPayload } from '../../emulators/stripe/webhook-signature.ts';
import { connectClient } from '../../temporal/runtime/connection.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { everyPlace, type Endpoint, type Place } from './free-text.ts';
import { findFed, type Finding } from './scanner.ts';
import { logSources, tableSources, workflowSources, type Source } from './sources.ts';
import { TestNumbers } from './test-numbers.ts';

const TEXT_TYPES = new Set(['String', 'ID', 'JSON']);

interface GraphqlAnswer {
  readonly data?: Record<string, { __typename?: string; code?: string; field?: string } | null>;
  readonly errors?: readonly { message: string; extensions?: { code?: string; field?: string } }[];
}

const numbers = new TestNumbers();
/** Everything that the store has answered, headers and all. */
const answers: string[] = [];
let store: TestStore;
let collector: Awaited<ReturnType<typeof startCollector>>;
let places: Place[];

/** A collector of traces that keeps what it is sent, as it came. */
async function startCollector() {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString());
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { bodies, endpoint: `http://127.0.0.1:${address.port}`, close };
}

/** Sends any request at all, also one that `fetch` would put right first; keeps and gives the answer. */
async function send(
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(store.api.url);
  const request = httpRequest({ hostname, port, path, method, headers, timeout: 30_000, agent: false });
  request.end(body === undefined ? undefined : Buffer.from(body));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  answers.push(JSON.stringify(response.headers), text);
  return { status: response.statusCode ?? 0, text };
}

const pathOf = (endpoint: Endpoint): string => (endpoint === 'admin' ? '/admin/graphql' : '/graphql');
const headersOf = (endpoint: Endpoint): Record<string, string> => ({
  'content-type': 'application/json',
  ...(endpoint === 'admin' && { authorization: `Bearer ${store.stack.adminApiKey}` }),
});

const post = (endpoint: Endpoint, body: unknown, headers: Record<string, string> = {}) =>
  send(pathOf(endpoint), {
    method: 'POST',
    headers: { ...headersOf(endpoint), ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** What a subscription is answered with over a socket of its own: everything up to its end. */
async function subscribe(payload: object): Promise<GraphqlAnswer> {
  const socket = new WebSocket(store.api.url.replace('http', 'ws') + '/graphql', 'graphql-transport-ws');
  const received: { type: string; payload?: GraphqlAnswer['errors'] }[] = [];
  socket.on('message', (data: Buffer) => {
    answers.push(data.toString());
    received.push(JSON.parse(data.toString()) as (typeof received)[number]);
  });
  try {
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { card: numbers.spelled('connection_init') } }));
    await waitFor(() => received.some(({ type }) => type === 'connection_ack'), { what: 'the acknowledgment' });
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
    const end = await waitFor(() => received.find(({ type }) => type === 'error' || type === 'complete'), {
      what: 'the end of the subscription',
    });
    return { errors: end.payload ?? [] };
  } finally {
    socket.terminate();
  }
}

const ask = async (place: Place, body: object): Promise<GraphqlAnswer> =>
  place.operation === 'subscription' ? subscribe(body) : (JSON.parse((await post(place.endpoint, body)).text) as GraphqlAnswer);

const nameOf = ({ endpoint, field, path }: Place): string => `${endpoint} ${field} ${path}`;

before(async () => {
  collector = await startCollector();
  store = await startStore([{ sku: 'MUG', price: 1_999, stock: 100 }], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '100', LOG_LEVEL: 'trace' },
  });
  const placed = await store.readyCart(1);
  assert.equal((await store.submit(placed)).__typename, 'CheckoutPlaced');
  const cart = await store.readyCart(2);
  const { orders } = await store.admin<{ orders: { nodes: { id: string }[] } }>('{ orders(first: 1) { nodes { id } } }');
  const orderId = orders.nodes[0]?.id;
  places = everyPlace({
    token: cart.token,
    cartToken: cart.token,
    variantId: store.catalog.variants['MUG']?.id,
    shippingMethodId: store.catalog.shippingMethodId,
    orderId,
    quantity: 1,
    first: 1,
    email: 'ada@example.com',
    countryCode: 'US',
    postalCode: '10001',
    currency: 'USD',
    location: 'main',
    gateway: 'stripe',
    paymentMethod: 'pm_card_visa',
    actor: 'tester',
  });
});

after(async () => {
  await store.close();
  await collector.close();
});

describe('a card number is refused', () => {
  test('in every argument of both schemas, as a variable: the answer names the field', async () => {
    let named = 0;
    for (const place of places) {
      const { data, errors } = await ask(place, place.withVariable(numbers.spelled(`${nameOf(place)} as a variable`)));
      if (!TEXT_TYPES.has(place.type)) {
        assert.ok(errors?.length, `${nameOf(place)} takes no text`);
        continue;
      }
      const refusal = place.refusesInAnswer ? data?.[place.field] : errors?.[0]?.extensions;
      assert.equal(refusal?.code, 'INVALID_INPUT', `${nameOf(place)}: ${JSON.stringify({ data, errors })}`);
      assert.equal(refusal.field, place.path, nameOf(place));
      named += 1;
    }
    assert.ok(named > 200, `the schemas have more texts than ${named}`);
  });

  test('in every argument of both schemas, as a literal', async () => {
    for (const place of places) {
      const { errors } = await ask(place, place.withLiteral(numbers.spelled(`${nameOf(place)} as a literal`)));
      assert.equal(errors?.[0]?.extensions?.code, 'INVALID_INPUT', nameOf(place));
      assert.equal(errors[0].extensions.field, place.path.replaceAll(/\.\d+(?=\.|$)/g, ''), nameOf(place));
    }
  });

  test('as a number, in every argument', async () => {
    for (const place of places.filter(({ operation }) => operation !== 'subscription')) {
      const number = numbers.next(`${nameOf(place)} as a number`);
      const { query, variables } = place.withVariable(number);
      const body = JSON.stringify({ query, variables }).replace(`"${number}"`, number);
      const { data, errors } = JSON.parse((await post(place.endpoint, body)).text) as GraphqlAnswer;
      assert.ok(errors?.length || data?.[place.field]?.code === 'INVALID_INPUT', nameOf(place));
    }
  });

  test('anywhere else in a document or its envelope', async () => {
    const name = (what: string): string => `a${numbers.next(what)}`;
    const bodies = [
      { query: `{ ${name('alias')}: channel { code } }` },
      { query: `query ${name('operation')} { channel { code } }` },
      { query: `{ ${name('unknown field')} }` },
      { query: `query ($${name('variable')}: Int) { channel { code } }` },
      { query: `fragment ${name('fragment')} on Channel { code } { channel { code } }` },
      { query: `{ channel @${name('directive')} { code } }` },
      { query: `{ channel { code } } # ${numbers.spelled('comment')}` },
      { query: `${numbers.spelled('no document')} {{{` },
      { query: `query ($x: String = "${numbers.spelled('default value')}") { cart(token: $x) { id } }` },
      { query: `{ cart(token: "${numbers.next('escaped literal').replace(/^\d/, (digit) => `\\u003${digit}`)}") { id } }` },
      { query: '{ channel { code } }', operationName: numbers.spelled('operationName') },
      { query: '{ channel { code } }', variables: { unused: numbers.spelled('unused variable') } },
      {
        query: '{ channel { code } }',
        extensions: { persistedQuery: { version: 1, sha256Hash: numbers.spelled('persisted query') } },
      },
      { query: '{ channel { code } }', [numbers.spelled('unknown member')]: 1 },
      { query: { note: numbers.spelled('a query that is no text') } },
      [{ query: numbers.spelled('batch') }],
    ];
    for (const body of bodies) {
      const { status, text } = await post('storefront', body);
      assert.match(text, /INVALID_INPUT/, `${status} ${JSON.stringify(body)}`);
    }
  });

  test('in bodies that are no JSON, and of other types', async () => {
    for (const endpoint of ['storefront', 'admin'] as const) {
      assert.equal((await post(endpoint, `{"query": "${numbers.next('malformed JSON')}`)).status, 400);
      assert.equal((await post(endpoint, numbers.next('a bare number'))).status, 400);
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        `text/${numbers.next('content type')}`,
      ]) {
        assert.ok((await post(endpoint, `query=${numbers.spelled(type)}`, { 'content-type': type })).status >= 400, type);
      }
    }
  });

  test('in URLs', async () => {
    const urls = [
      `/${numbers.next('path')}`,
      `/images/products/${numbers.next('image')}.svg`,
      `/webhooks/${numbers.next('webhook')}`,
      `/graphql?ref=${numbers.next('parameter')}`,
      `/graphql?${numbers.next('name of a parameter')}=1`,
      `/graphql?query=${encodeURIComponent(`{ cart(token: "${numbers.spelled('query in the URL')}") { id } }`)}`,
      `/graphql?query={channel{code}}&variables=${encodeURIComponent(JSON.stringify({ token: numbers.spelled('variables in the URL') }))}`,
      `/graphql?query={channel{code}}&operationName=${numbers.next('operationName in the URL')}`,
      `/readyz?${numbers.next('readyz')}`,
      `/temporal/codec/login?next=${numbers.next('login')}`,
    ];
    for (const url of urls) assert.equal((await send(url, { headers: { 'apollo-require-preflight': '1' } })).status, 400, url);
  });

  test('in headers, as far as anybody reads them', async () => {
    const query = JSON.stringify({ query: '{ channel { code } }' });
    const key = await post('storefront', query, { 'idempotency-key': numbers.next('Idempotency-Key') });
    assert.match(key.text, /"field":"Idempotency-Key"/);
    const number = numbers.next('x-request-id');
    await post('storefront', query, { 'x-request-id': number });
    const ignored = [
      'user-agent',
      'referer',
      'origin',
      'cookie',
      'x-forwarded-for',
      'x-apollo-operation-name',
      'baggage',
      'tracestate',
      'traceparent',
      'x-customer-token',
      'accept',
      'accept-language',
    ];
    for (const header of ignored) await post('storefront', query, { [header]: `card=${numbers.next(header)}` });
    await send('/admin/graphql', {
      method: 'POST',
      headers: { authorization: `Bearer ${numbers.next('authorization')}` },
      body: query,
    });
    const traced = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: `shop=${numbers.next('traced tracestate')}`,
      baggage: `card=${numbers.next('traced baggage')}`,
    };
    const cart = await store.readyCart(3);
    const submit = {
      query: 'mutation S($input: CheckoutSubmitInput!) { checkoutSubmit(input: $input) { __typename } }',
      variables: { input: { cartToken: cart.token, paymentMethod: 'pm_card_visa' } },
    };
    assert.match((await post('storefront', submit, traced)).text, /CheckoutPlaced/);
  });

  test('in webhooks and the payload codec', async () => {
    const secret = store.stack.env['STRIPE_WEBHOOK_SECRET'] ?? '';
    const event = (id: string): string => {
      const metadata = {
        cart_id: numbers.spelled('metadata'),
        checkout_id: 'chk_0',
        order_id: 'ord_0',
        payment_id: 'pay_0',
        note: numbers.spelled('metadata'),
      };
      const object = {
        id: `pi_${id}`,
        object: 'payment_intent',
        status: 'succeeded',
        amount: 1,
        amount_received: 1,
        amount_capturable: 0,
        metadata,
        description: numbers.spelled('description'),
      };
      return JSON.stringify({
        id: `evt_${id}`,
        object: 'event',
        type: 'payment_intent.succeeded',
        created: Math.floor(Date.now() / 1000),
        data: { object },
        note: numbers.spelled('event'),
      });
    };
    const now = Math.floor(Date.now() / 1000);
    const webhook = (body: string, signature: string) =>
      send('/webhooks/stripe', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'stripe-signature': signature },
        body,
      });
    const signed = event('signed');
    assert.equal((await webhook(signed, signPayload(signed, secret, now))).status, 200);
    assert.equal((await webhook(event('unsigned'), `t=${now},v1=${numbers.next('signature')}`)).status, 400);
    const [stored] = await store.database.rows<{ kept: number }>(
      ephemeral("SELECT count(*)::int AS kept FROM gateway_events WHERE event_id = 'evt_signed'"),
    );
    assert.equal(stored?.kept, 1);

    const admin = { authorization: `Bearer ${store.stack.adminApiKey}`, 'content-type': 'application/json' };
    const payload = {
      metadata: { encoding: Buffer.from(numbers.next('encoding')).toString('base64') },
      data: numbers.next('codec data'),
    };
    await send('/temporal/codec/decode', {
      method: 'POST',
      headers: admin,
      body: JSON.stringify({ payloads: [payload, numbers.next('codec')] }),
    });
    await send('/temporal/codec/login', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `key=${numbers.next('login form')}`,
    });
  });
});

test('what a gateway says is masked before it is stored or shown', async () => {
  const cart = await store.readyCart(4);
  const fault = await store.gateway.addFault({
    times: 1,
    effect: { kind: 'decline', code: `refused ${numbers.spelled('decline code')}` },
  });
  const { __typename, reason } = await store.submit(cart);
  answers.push(String(reason));
  assert.equal(__typename, 'CheckoutDeclined');
  assert.match(String(reason), /^refused .*\*/);
  await store.gateway.removeFault(fault);
});

/** Everything that the store has stored, logged, sent or answered. */
async function everySource(): Promise<Source[]> {
  const requests = await store.gateway.requests(1_000);
  const ledger: unknown[] = [];
  for await (const entry of store.gateway.ledger()) ledger.push(entry);
  return [
    ...(await tableSources(store.database)),
    ...(await workflowSources(store.stack.config)),
    ...(await logSources([store.api.logFile, store.worker.logFile])),
    { name: 'the gateway', text: JSON.stringify([requests, ledger]) },
    { name: 'traces', text: collector.bodies.join('\n') },
    { name: 'answers', text: answers.join('\n') },
  ];
}

const findings = (sources: readonly Source[]): Finding[] => sources.flatMap(({ name, text }) => findFed(name, text, numbers.fed));

test('no card number is stored, logged, traced, sent on or answered', async () => {
  // The last word in the logs and traces is about requests that came after all the others.
  const marker = '0123456789abcdef-the-last';
  await send('/graphql?query={__typename}', { headers: { 'x-request-id': marker, 'apollo-require-preflight': '1' } });
  const sources = await waitFor(
    async () => {
      const found = await everySource();
      return found.some(({ name, text }) => name.startsWith('log api') && text.includes(marker)) && found;
    },
    { what: 'the last line of the log', timeoutMs: 30_000, everyMs: 500 },
  );
  const says = (prefix: string): boolean => sources.some(({ name, text }) => name.startsWith(prefix) && text.length > 100);
  for (const prefix of [
    'table carts',
    'table orders',
    'table payments',
    'table gateway_events',
    'workflow checkout/',
    'log api',
    'log worker',
    'the gateway',
    'traces',
    'answers',
  ]) {
    assert.ok(says(prefix), `there is nothing in ${prefix}: what was looked through?`);
  }
  assert.ok(numbers.fed.size > 1_000);
  assert.deepEqual(findings(sources), []);
});

test('a number that is planted in a table, a history, a log, a trace or an answer is found', async () => {
  const planted = new Map<string, string>();
  const plant = (where: string): string => {
    const number = numbers.spelled(where);
    planted.set([...numbers.fed.keys()].at(-1) ?? '', where);
    return number;
  };
  await store.database.run(ephemeral('CREATE TABLE planted (note text, list text[], data jsonb, bytes bytea)'));
  await store.database.run(ephemeral('INSERT INTO planted VALUES ($1, $2, $3, $4)'), [
    plant('table planted'),
    [plant('table planted')],
    { deep: [plant('table planted')] },
    Buffer.from(plant('table planted')),
  ]);
  const { client, connection } = await connectClient(store.stack.config);
  try {
    const workflowId = 'planted';
    await client.workflow.start('nobody', {
      workflowId,
      taskQueue: 'nobody',
      args: [{ input: plant('workflow planted') }],
      memo: { note: plant('workflow planted') },
    });
    await client.workflow.getHandle(workflowId).signal('told', { note: plant('workflow planted') });
    await client.workflow.getHandle(workflowId).terminate(plant('workflow planted'));
    await appendFile(store.api.logFile, `{"msg":"${plant('log')}"}\n`);
    collector.bodies.push(plant('traces'));
    answers.push(plant('answers'));
    const found = await waitFor(
      async () => {
        const all = findings(await everySource());
        return new Set(all.map(({ number }) => number)).size === planted.size && all;
      },
      { what: 'all of the planted numbers', timeoutMs: 30_000, everyMs: 500 },
    );
    for (const { source, number, fedAt } of found) {
      assert.equal(planted.get(number), fedAt);
      assert.ok(source.startsWith(fedAt), `${fedAt} was found in ${source}`);
    }
  } finally {
    await connection.close();
  }
});
