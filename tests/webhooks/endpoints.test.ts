import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { EVENT_EXAMPLES } from '../../domain/webhooks/event-examples.ts';
import { eventTypesOf } from '../support/events.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { startMailbox, type Mail, type Mailbox } from './mailbox.ts';

interface Endpoint {
  readonly id: string;
  readonly version: number;
  readonly url: string;
  readonly status: string;
  readonly pausedReason: string | null;
  readonly headerNames: string[];
  readonly authentication: { type: string; username: string | null };
  readonly secrets: { last4: string; expiresAt: string | null }[];
  readonly backlog: { pending: number };
  readonly health: { state: string };
}

interface Delivery {
  readonly id: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly status: string;
  readonly attemptCount: number;
  readonly replayOf: string | null;
  readonly url: string | null;
}

interface Answer {
  readonly endpoint?: Endpoint;
  readonly secret?: string;
  readonly delivery?: Delivery;
  readonly nodes?: (Delivery & Endpoint & { type: string; sequence: number; aggregateId: string; data: unknown })[];
  readonly pageInfo?: { hasNextPage: boolean; endCursor: string | null };
  readonly attempts?: { nodes: { number: number; status: number | null; requestHeaders: Record<string, string>; responseBody: string | null }[] };
  readonly count?: number;
  readonly next?: string | null;
  readonly errors?: { message: string; extensions: { code: string; field: string | null; currentVersion?: number } }[];
}

let store: TestStore;
let mailbox: Mailbox;
let shopper = 0;

async function call(method: string, path: string, body?: Record<string, unknown>): Promise<{ status: number; body: Answer & Partial<Endpoint> & Partial<Delivery> }> {
  const response = await fetch(`${store.api.url}/admin/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${store.stack.env['ADMIN_API_KEY']}` },
    ...(body === undefined ? {} : { body: JSON.stringify({ actor: 'Grace', ...body }) }),
  });
  return { status: response.status, body: (await response.json()) as Answer };
}

async function endpoint(path: string, settings: Record<string, unknown> = {}): Promise<Endpoint & { secret: string }> {
  const { status, body } = await call('POST', '/webhook-endpoints', { url: `${mailbox.url}${path}`, eventTypes: ['gift_card.*'], ...settings });
  assert.equal(status, 201, JSON.stringify(body));
  assert.ok(body.endpoint && body.secret);
  return { ...body.endpoint, secret: body.secret };
}

/** Something happens. */
async function issueGiftCard(amount = 5_000): Promise<void> {
  const { giftCardIssue } = await store.admin<{ giftCardIssue: { __typename: string } }>(
    'mutation Issue($input: GiftCardIssueInput!) { giftCardIssue(input: $input) { __typename } }',
    { input: { amount: { amount, currency: 'USD' }, actor: 'Grace' } },
  );
  assert.equal(giftCardIssue.__typename, 'GiftCardIssuePayload');
}

const arrives = async (path: string, count: number): Promise<Mail[]> => {
  await waitFor(async () => mailbox.at(path).length >= count, { what: `${count} deliveries at ${path}` });
  assert.equal(mailbox.at(path).length, count);
  return mailbox.at(path);
};

const verified = (mail: Mail | undefined, secret: string): boolean => {
  try {
    new Webhook(secret).verify(mail?.text ?? '', mail?.headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
};

async function endedDeliveries(endpointId: string, count: number): Promise<Delivery[]> {
  let found: Delivery[] = [];
  await waitFor(
    async () => {
      found = (await call('GET', `/webhook-deliveries?endpointId=${endpointId}`)).body.nodes ?? [];
      return found.filter(({ status }) => status !== 'PENDING').length === count;
    },
    { what: `${count} deliveries to end` },
  );
  return found;
}

before(async () => {
  mailbox = await startMailbox();
  store = await startStore([{ sku: 'MUG', price: 1_000, stock: 100 }], { env: { WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' } });
});

after(async () => {
  await store.close();
  await mailbox.close();
});

describe('an endpoint', () => {
  it('is made, shows its secret once, and is tried', async () => {
    const { id, secret } = await endpoint('/made', { headers: [{ name: 'X-Tenant', value: 'hush' }], authentication: { type: 'BASIC', username: 'shop', password: 'hush-hush' } });
    assert.match(secret, /^whsec_/);
    const shown = await call('GET', `/webhook-endpoints/${id}`);
    assert.deepEqual([shown.body.headerNames, shown.body.authentication?.username, shown.body.secrets?.[0]?.last4], [['x-tenant'], 'shop', secret.slice(-4)]);
    assert.ok(!JSON.stringify(shown.body).includes('hush'), 'nothing secret is shown');

    const sent = await call('POST', `/webhook-endpoints/${id}/test`, { eventType: 'order.placed' });
    assert.equal(sent.status, 201, JSON.stringify(sent.body));
    const [mail] = await arrives('/made', 1);
    assert.ok(verified(mail, secret));
    assert.deepEqual([mail?.body['type'], mail?.body['test'], mail?.body['data']], ['order.placed', true, EVENT_EXAMPLES['order.placed']]);
    assert.equal(mail?.headers['x-tenant'], 'hush');
    const [delivery] = await endedDeliveries(id, 1);
    assert.deepEqual([delivery?.eventType, delivery?.status], ['webhook.test', 'DELIVERED']);
    const log = await call('GET', `/webhook-deliveries/${delivery?.id}/attempts`);
    const [attempt] = log.body.attempts?.nodes ?? [];
    assert.equal(attempt?.status, 204);
    assert.deepEqual(
      [attempt?.requestHeaders['x-tenant'], attempt?.requestHeaders['webhook-signature'], attempt?.requestHeaders['authorization']],
      ['[redacted]', '[redacted]', '[redacted]'],
    );
  });

  it('gets what it wants, as it wants it', async () => {
    const template = { kind: 'voucher', text: 'Card for {{data.amount}} {{data.currency}}', value: '{{data.amount}}' };
    await endpoint('/filtered', { filter: { path: 'data.amount', op: '>', value: 6_000 }, selection: '{ amount money: currency }' });
    await endpoint('/templated', { transformation: template });
    await issueGiftCard(5_000);
    await issueGiftCard(7_000);
    const [large] = await arrives('/filtered', 1);
    assert.deepEqual(large?.body['data'], { amount: 7_000, money: 'USD' });
    const texts = (await arrives('/templated', 2)).map(({ body }) => body);
    assert.deepEqual(texts.find(({ value }) => value === 5_000), { kind: 'voucher', text: 'Card for 5000 USD', value: 5_000 });
  });

  it('has its secret rotated with an overlap, or at once', async () => {
    const { id, secret } = await endpoint('/rotated');
    const second = (await call('POST', `/webhook-endpoints/${id}/rotate-secret`, { overlapHours: 1 })).body;
    assert.equal(second.endpoint?.secrets.length, 2);
    await issueGiftCard();
    const [both] = await arrives('/rotated', 1);
    assert.ok(verified(both, secret) && verified(both, second.secret ?? ''), 'both sign while one is replaced');
    const third = (await call('POST', `/webhook-endpoints/${id}/rotate-secret`, { overlapHours: 0 })).body;
    assert.equal(third.endpoint?.secrets.length, 1);
    await issueGiftCard();
    const [, last] = await arrives('/rotated', 2);
    assert.deepEqual([secret, second.secret ?? '', third.secret ?? ''].map((each) => verified(last, each)), [false, false, true]);
  });

  it('that is paused parks what is for it, and gets it in order when it is resumed', async () => {
    const { id } = await endpoint('/parked');
    const paused = await call('POST', `/webhook-endpoints/${id}/pause`, { reason: 'moving house' });
    assert.deepEqual([paused.body.endpoint?.status, paused.body.endpoint?.pausedReason, paused.body.endpoint?.health.state], ['PAUSED', 'moving house', 'PAUSED']);
    assert.equal((await call('POST', `/webhook-endpoints/${id}/pause`, { reason: 'again' })).status, 409);
    await issueGiftCard(1_111);
    await issueGiftCard(2_222);
    await waitFor(async () => (await call('GET', `/webhook-endpoints/${id}`)).body.backlog?.pending === 2, { what: 'the backlog to be there' });
    assert.equal(mailbox.at('/parked').length, 0);
    await call('POST', `/webhook-endpoints/${id}/resume`, {});
    await arrives('/parked', 2);
    assert.deepEqual(await eventTypesOf(store.database, id), ['webhook_endpoint.paused', 'webhook_endpoint.resumed']);
  });

  it('is changed by who has seen its version, and deleted with its backlog', async () => {
    const { id, version } = await endpoint('/changed');
    assert.equal((await call('PATCH', `/webhook-endpoints/${id}`, { version, rateLimit: 5, description: 'the ERP' })).body.endpoint?.version, version + 1);
    const late = await call('PATCH', `/webhook-endpoints/${id}`, { version, rateLimit: 6 });
    assert.deepEqual([late.status, late.body.errors?.[0]?.extensions.currentVersion], [409, version + 1]);
    await call('POST', `/webhook-endpoints/${id}/pause`, { reason: 'before it goes' });
    await issueGiftCard();
    await waitFor(async () => (await call('GET', `/webhook-endpoints/${id}`)).body.backlog?.pending === 1, { what: 'a delivery to wait' });
    assert.equal((await call('DELETE', `/webhook-endpoints/${id}`, {})).status, 200);
    assert.equal((await call('GET', `/webhook-endpoints/${id}`)).status, 404);
    assert.deepEqual((await endedDeliveries(id, 1)).map(({ status }) => status), ['CANCELED']);
  });

  const good = { url: 'http://127.0.0.1:8099/x', eventTypes: ['order.placed'] };
  const bad: [what: string, settings: Record<string, unknown>, field: string][] = [
    ['the metadata service of a cloud', { ...good, url: 'http://169.254.169.254/latest/meta-data' }, 'url'],
    ['a file', { ...good, url: 'file:///etc/passwd' }, 'url'],
    ['a secret in the URL', { ...good, url: 'https://user:pass@example.com/' }, 'url'],
    ['a type that is none', { ...good, eventTypes: ['Order Placed'] }, 'eventTypes.0'],
    ['no types', { ...good, eventTypes: [] }, 'eventTypes'],
    ['a header that is ours', { ...good, headers: [{ name: 'Host', value: 'x' }] }, 'headers.host'],
    ['a header that ends the line', { ...good, headers: [{ name: 'X-A', value: 'x\r\ny: z' }] }, 'headers.x-a'],
    ['a bearer without a token', { ...good, authentication: { type: 'BEARER' } }, 'authentication.token'],
    ['a token server at home', { ...good, authentication: { type: 'OAUTH_CLIENT_CREDENTIALS', tokenUrl: 'http://10.0.0.1/', clientId: 'a', clientSecret: 'b' } }, 'authentication.tokenUrl'],
    ['a selection that is none', { ...good, selection: '{ orderId' }, 'selection'],
    ['a fragment', { ...good, selection: '{ ...Everything }' }, 'selection'],
    ['a template with a place that is none', { ...good, transformation: { id: '{{nothing.here}}' } }, 'transformation.id'],
    ['a filter that is none', { ...good, filter: { path: 'data.x', op: 'eval', value: 1 } }, 'filter.op'],
    ['too many tries at once', { ...good, maxInFlight: 1_000 }, 'maxInFlight'],
    ['too short a time', { ...good, retryHours: 1 }, 'retryHours'],
  ];
  for (const [what, settings, field] of bad) {
    it(`is not made with ${what}`, async () => {
      const before = (await call('GET', '/webhook-endpoints?first=1')).body.nodes?.[0]?.id;
      const { status, body } = await call('POST', '/webhook-endpoints', settings);
      assert.deepEqual([status, body.errors?.[0]?.extensions.field], [400, field], JSON.stringify(body));
      assert.equal((await call('GET', '/webhook-endpoints?first=1')).body.nodes?.[0]?.id, before, 'nothing was stored');
    });
  }
});

describe('a delivery', () => {
  it('is sent again: here, elsewhere, with others, and those that were missed', async () => {
    const { id } = await endpoint('/again');
    const since = new Date();
    await issueGiftCard(1_000);
    await issueGiftCard(2_000);
    const first = await endedDeliveries(id, 2);
    const [delivery] = first;
    assert.ok(delivery);
    const again = await call('POST', `/webhook-deliveries/${delivery.id}/replay`, {});
    assert.deepEqual([again.status, again.body.delivery?.replayOf, again.body.delivery?.eventId], [201, delivery.id, delivery.eventId]);
    const mails = await arrives('/again', 3);
    assert.equal(mails.filter(({ headers }) => headers['webhook-id'] === delivery.eventId).length, 2, 'the same event has the same id');

    await call('POST', `/webhook-deliveries/${delivery.id}/replay`, { url: `${mailbox.url}/elsewhere` });
    await arrives('/elsewhere', 1);
    const inside = await call('POST', `/webhook-deliveries/${delivery.id}/replay`, { url: 'http://169.254.169.254/' });
    assert.deepEqual([inside.status, inside.body.errors?.[0]?.extensions.field], [400, 'url']);

    const range = await call('POST', `/webhook-endpoints/${id}/replay`, { status: 'DELIVERED' });
    assert.deepEqual([range.body.count, range.body.next], [2, null]);
    await arrives('/again', 5);
    assert.equal((await call('POST', `/webhook-endpoints/${id}/recover`, { since })).body.count, 0, 'nothing was missed');
  });

  it('that an endpoint could not have had is recovered', async () => {
    const since = new Date();
    await issueGiftCard(3_333);
    await waitFor(async () => mailbox.at('/again').length === 6, { what: 'another endpoint to have it' });
    const { id } = await endpoint('/late');
    const recovered = await call('POST', `/webhook-endpoints/${id}/recover`, { since });
    assert.deepEqual([recovered.body.count, recovered.body.next], [1, null]);
    const [mail] = await arrives('/late', 1);
    assert.equal((mail?.body['data'] as { amount?: number }).amount, 3_333);
    assert.equal((await call('POST', `/webhook-endpoints/${id}/recover`, { since })).body.count, 0, 'once');
  });

  it('that is under way can be given up, and what waits behind it goes on', async () => {
    const { id } = await endpoint('/stuck', { eventTypes: ['order.*'] });
    mailbox.answer('/stuck', 500);
    shopper += 1;
    const cart = await store.readyCart(shopper, [{ sku: 'MUG' }]);
    const { order } = await store.submit(cart);
    assert.ok(order);
    await waitFor(async () => mailbox.at('/stuck').length >= 1, { what: 'a first try' });
    const [pending] = (await call('GET', `/webhook-deliveries?endpointId=${id}&status=PENDING`)).body.nodes ?? [];
    assert.ok(pending);
    assert.equal((await call('POST', `/webhook-deliveries/${pending.id}/replay`, {})).status, 409);
    const canceled = await call('POST', `/webhook-deliveries/${pending.id}/cancel`, {});
    assert.equal(canceled.body.delivery?.status, 'CANCELED', JSON.stringify(canceled.body));
    assert.equal((await call('POST', `/webhook-deliveries/${pending.id}/cancel`, {})).status, 409);
  });
});

describe('those who would rather ask', () => {
  it('read everything once, in the order of each thing, page by page', async () => {
    const seen: { id: string; type: string; aggregateId: string; sequence: number }[] = [];
    let after: string | null = null;
    for (;;) {
      const { body }: { body: Answer } = await call('GET', `/events?first=5${after === null ? '' : `&after=${after}`}`);
      seen.push(...(body.nodes ?? []));
      after = body.pageInfo?.endCursor ?? after;
      if (body.pageInfo?.hasNextPage !== true) break;
    }
    assert.equal(new Set(seen.map(({ id }) => id)).size, seen.length);
    assert.ok(seen.some(({ type }) => type === 'order.placed') && !seen.some(({ type }) => type === 'webhook.test'));
    const last = new Map<string, number>();
    for (const { aggregateId, sequence } of seen) {
      assert.equal(sequence, (last.get(aggregateId) ?? 0) + 1);
      last.set(aggregateId, sequence);
    }
    await issueGiftCard(4_444);
    await waitFor(async () => ((await call('GET', `/events?after=${after}`)).body.nodes ?? []).length === 1, { what: 'what is new' });
    const cards = (await call('GET', `/events?types=gift_card.*&first=100`)).body.nodes ?? [];
    assert.ok(cards.length > 3 && cards.every(({ type }) => type === 'gift_card.issued'));
    assert.equal((await call('GET', `/events/${cards[0]?.id}`)).body.id, cards[0]?.id);
    assert.deepEqual([(await call('GET', '/events?after=x')).body.errors?.[0]?.extensions.field, (await call('GET', '/events?types=No!')).body.errors?.[0]?.extensions.field], ['after', 'types.0']);
  });
});
