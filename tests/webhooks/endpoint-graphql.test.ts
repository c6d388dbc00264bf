import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, it, type TestContext } from 'node:test';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { issueCertificate } from './certificates.ts';
import { httpEndpoint, httpsEndpoint } from './local-endpoint.ts';
import { startMailbox, type Mailbox } from './mailbox.ts';

const ENDPOINT = 'endpoint { id version status hasClientCertificate authentication { type clientId } health { state } secrets { last4 } }';
const DELIVERIES = `query Log($filter: WebhookDeliveryFilter) { webhookDeliveries(first: 50, filter: $filter) { nodes { id eventId status waitsFor replayOf
  attempts { nodes { status reason durationMs requestHeaders requestBytes requestBody responseHeaders } } } } }`;

interface Logged {
  readonly id: string;
  readonly eventId: string;
  readonly status: string;
  readonly waitsFor: string | null;
  readonly replayOf: string | null;
  readonly attempts: { nodes: { status: number | null; reason: string | null; durationMs: number | null; requestHeaders: Record<string, string>; requestBody: string | null }[] };
}

interface Payload {
  readonly __typename: string;
  readonly message?: string;
  readonly endpoint?: { id: string; version: number; status: string; hasClientCertificate: boolean; authentication: { type: string; clientId: string | null }; secrets: { last4: string }[] };
  readonly secret?: string;
  readonly delivery?: Logged;
  readonly count?: number;
}

let store: TestStore;
let mailbox: Mailbox;

/** Calls a mutation, which must not be refused. */
async function mutate(field: string, type: string, payload: string, input: Record<string, unknown>): Promise<Payload> {
  const document = `mutation Do($input: ${type}!) { answer: ${field}(input: $input) { __typename ... on InputError { message } ${payload} } }`;
  const { answer } = await store.admin<{ answer: Payload }>(document, { input: { actor: 'Grace', ...input } });
  assert.notEqual(answer.__typename, 'InputError', answer.message);
  return answer;
}

async function create(url: string, settings: Record<string, unknown> = {}): Promise<NonNullable<Payload['endpoint']> & { secret: string }> {
  const { endpoint, secret } = await mutate('webhookEndpointCreate', 'WebhookEndpointCreateInput', `... on WebhookSecretPayload { secret ${ENDPOINT} }`, { url, eventTypes: ['gift_card.*'], ...settings });
  assert.ok(endpoint && secret);
  return { ...endpoint, secret };
}

const log = async (endpointId: string): Promise<Logged[]> => (await store.admin<{ webhookDeliveries: { nodes: Logged[] } }>(DELIVERIES, { filter: { endpointId } })).webhookDeliveries.nodes;

/** Sends a test and waits until it was taken. */
async function tryOut(endpointId: string): Promise<Logged> {
  await mutate('webhookEndpointTest', 'WebhookEndpointTestInput', '... on WebhookDeliveryPayload { delivery { id } }', { endpointId, eventType: 'refund.succeeded' });
  return waitFor(async () => (await log(endpointId)).find(({ status }) => status === 'DELIVERED'), { what: 'the test to arrive' });
}

async function issueGiftCard(): Promise<void> {
  await mutate('giftCardIssue', 'GiftCardIssueInput', '', { amount: { amount: 5_000, currency: 'USD' } });
}

before(async () => {
  mailbox = await startMailbox();
  store = await startStore([{ sku: 'MUG', price: 1_000, stock: 100 }], { env: { WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128' } });
});

after(async () => {
  await store.close();
  await mailbox.close();
});

describe('who we are to an endpoint', () => {
  /** Takes everything, and remembers the headers. */
  async function recorder(t: TestContext): Promise<{ url: string; seen: IncomingHttpHeaders[] }> {
    const seen: IncomingHttpHeaders[] = [];
    const { port } = await httpEndpoint(t, (request, response) => {
      seen.push(request.headers);
      response.writeHead(204).end();
    });
    return { url: `http://127.0.0.1:${port}/`, seen };
  }

  it('is told by basic, by bearer and by headers of its own; none of it is shown again', async (t) => {
    const { url, seen } = await recorder(t);
    const basic = await create(url, { authentication: { type: 'BASIC', username: 'shop', password: 'hush-1' }, headers: [{ name: 'X-Tenant', value: 'hush-2' }] });
    const bearer = await create(url, { authentication: { type: 'BEARER', token: 'hush-3' } });
    const logged = [await tryOut(basic.id), await tryOut(bearer.id)];
    assert.deepEqual(
      seen.map(({ authorization, 'x-tenant': tenant }) => [authorization, tenant]),
      [[`Basic ${Buffer.from('shop:hush-1').toString('base64')}`, 'hush-2'], ['Bearer hush-3', undefined]],
    );
    for (const { attempts } of logged) assert.equal(attempts.nodes[0]?.requestHeaders['authorization'], '[redacted]');
    assert.ok(!JSON.stringify(logged).includes('hush'));
  });

  it('is told by a token of OAuth client credentials', async (t) => {
    const { url, seen } = await recorder(t);
    const asked: string[] = [];
    const { port } = await httpEndpoint(t, (request, response) => {
      void text(request).then((body) => {
        asked.push(`${request.headers.authorization} ${body}`);
        response.end(JSON.stringify({ access_token: 'fetched', token_type: 'Bearer', expires_in: 3_600 }));
      });
    });
    const authentication = { type: 'OAUTH_CLIENT_CREDENTIALS', tokenUrl: `http://127.0.0.1:${port}/token`, clientId: 'shop', clientSecret: 'hush-hush', scope: 'events' };
    const made = await create(url, { authentication });
    assert.deepEqual(made.authentication, { type: 'OAUTH_CLIENT_CREDENTIALS', clientId: 'shop' });
    const logged = await tryOut(made.id);
    await issueGiftCard();
    await waitFor(() => seen.length === 2, { what: 'the event to arrive' });
    assert.deepEqual(seen.map(({ authorization }) => authorization), ['Bearer fetched', 'Bearer fetched']);
    assert.deepEqual(asked, [`Basic ${Buffer.from('shop:hush-hush').toString('base64')} grant_type=client_credentials&scope=events`], 'the token is fetched once');
    assert.ok(!/hush|fetched/.test(JSON.stringify(logged)));
  });

  it('is told by a certificate (mTLS)', async (t) => {
    const authority = issueCertificate({ name: 'Authority of the test' });
    const [server, client] = [issueCertificate({ name: 'localhost', issuer: authority }), issueCertificate({ name: 'shop', issuer: authority })];
    let taken = 0;
    const tls = { cert: server.certificate, key: server.key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true };
    const { port } = await httpsEndpoint(t, tls, (_request, response) => {
      taken += 1;
      response.writeHead(204).end();
    });
    const clientCertificate = { certificate: client.certificate, key: client.key, certificateAuthority: authority.certificate };
    const made = await create(`https://localhost:${port}/`, { clientCertificate });
    assert.equal(made.hasClientCertificate, true);
    const logged = await tryOut(made.id);
    assert.equal(taken, 1);
    assert.ok(!JSON.stringify(logged).includes('BEGIN'));
    const stranger = await create(`https://localhost:${port}/`);
    await mutate('webhookEndpointTest', 'WebhookEndpointTestInput', '... on WebhookDeliveryPayload { delivery { id } }', { endpointId: stranger.id });
    const refused = await waitFor(async () => (await log(stranger.id))[0]?.attempts.nodes[0], { what: 'a try without it' });
    assert.deepEqual([refused.status, taken], [null, 1]);
  });
});

describe('an endpoint over GraphQL', () => {
  it('is changed, paused, resumed, rotated and deleted; what is for it waits, is replayed and recovered', async () => {
    const made = await create(`${mailbox.url}/life`);
    const payload = `... on WebhookEndpointPayload { ${ENDPOINT} }`;
    const endpointId = made.id;
    const updated = await mutate('webhookEndpointUpdate', 'WebhookEndpointUpdateInput', payload, { endpointId, version: made.version, rateLimit: 50, ordered: false, transformation: { card: '{{data.accountId}}' } });
    assert.equal(updated.endpoint?.version, made.version + 1);

    await mutate('webhookEndpointPause', 'WebhookEndpointPauseInput', payload, { endpointId, reason: 'moving house' });
    const since = new Date();
    await issueGiftCard();
    const parked = await waitFor(async () => (await log(endpointId))[0], { what: 'a delivery to wait' });
    assert.deepEqual([parked.status, parked.waitsFor], ['PENDING', 'ENDPOINT_PAUSED']);
    const canceled = await mutate('webhookDeliveryCancel', 'WebhookDeliveryCancelInput', '... on WebhookDeliveryPayload { delivery { id status waitsFor } }', { deliveryId: parked.id });
    assert.deepEqual([canceled.delivery?.status, canceled.delivery?.waitsFor], ['CANCELED', null]);
    await mutate('webhookEndpointResume', 'WebhookEndpointResumeInput', payload, { endpointId });
    const recovered = await mutate('webhookEndpointRecover', 'WebhookEndpointRecoverInput', '... on WebhookReplayPayload { count }', { endpointId, since });
    assert.equal(recovered.count, 1);
    await waitFor(() => mailbox.at('/life').length === 1, { what: 'the recovered one' });
    assert.match(String(mailbox.at('/life')[0]?.body['card']), /^[a-z]+_[0-9A-Z]{26}$/);
    await waitFor(async () => (await log(endpointId))[0]?.status === 'DELIVERED', { what: 'it to be noted' });

    const ranged = await mutate('webhookDeliveriesReplay', 'WebhookDeliveriesReplayInput', '... on WebhookReplayPayload { count }', { endpointId, from: since });
    assert.equal(ranged.count, 1, 'each event once, though it has two deliveries');
    await waitFor(() => mailbox.at('/life').length === 2, { what: 'the range' });
    const again = await mutate('webhookDeliveryReplay', 'WebhookDeliveryReplayInput', '... on WebhookDeliveryPayload { delivery { id eventId replayOf } }', { deliveryId: parked.id, url: `${mailbox.url}/elsewhere` });
    assert.deepEqual([again.delivery?.eventId, again.delivery?.replayOf], [parked.eventId, parked.id]);
    await waitFor(() => mailbox.at('/elsewhere').length === 1, { what: 'the one for another address' });
    assert.ok([...mailbox.at('/life'), ...mailbox.at('/elsewhere')].every(({ headers }) => headers['webhook-id'] === parked.eventId));

    const rotated = await mutate('webhookEndpointRotateSecret', 'WebhookEndpointRotateSecretInput', `... on WebhookSecretPayload { secret ${ENDPOINT} }`, { endpointId });
    assert.deepEqual(rotated.endpoint?.secrets.map(({ last4 }) => last4), [rotated.secret?.slice(-4), made.secret.slice(-4)]);
    await mutate('webhookEndpointDelete', 'WebhookEndpointDeleteInput', '', { endpointId });
    const { webhookEndpoint } = await store.admin<{ webhookEndpoint: unknown }>('query Gone($id: ID!) { webhookEndpoint(id: $id) { id } }', { id: endpointId });
    assert.equal(webhookEndpoint, null);
  });

  it('is not needed by who asks: events are read behind a cursor', async () => {
    const read = async (after: string | null): Promise<{ nodes: { type: string }[]; pageInfo: { endCursor: string | null } }> =>
      (await store.admin<{ webhookEvents: { nodes: { type: string }[]; pageInfo: { endCursor: string | null } } }>(
        'query Events($after: String) { webhookEvents(first: 100, after: $after, types: ["gift_card.*"]) { nodes { id type sequence data } pageInfo { endCursor hasNextPage } } }',
        { after },
      )).webhookEvents;
    const { endCursor } = (await read(null)).pageInfo;
    await issueGiftCard();
    const news = await waitFor(async () => {
      const { nodes } = await read(endCursor);
      return nodes.length > 0 && nodes;
    }, { what: 'what is new' });
    assert.deepEqual(news.map(({ type }) => type), ['gift_card.issued']);
  });
});
