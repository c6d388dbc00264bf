import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { give, quiet, readOrder, refundEnded } from '../payments/commands.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { placed, readShipped, shipAll } from './order-commands.ts';

interface Incident {
  readonly id: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly actions: readonly string[];
  readonly resolvedAt: string | null;
  readonly resolution: string | null;
  readonly lastError: string | null;
}

interface Answer {
  readonly __typename: string;
  readonly incident?: Incident;
  readonly code?: string;
}

const FIELDS = 'id kind subjectId actions resolvedAt resolution lastError';
const ACT = `mutation A($input: IncidentActInput!) { incidentAct(input: $input) { __typename ... on IncidentPayload { incident { ${FIELDS} } } ... on InputError { code message field } } }`;
const REFUND = { method: 'POST', path: '/v1/refunds' } as const;

let store: TestStore;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 10_000, stock: 1_000 }], { rules: { captureMode: 'on_fulfillment' } });
});

afterEach(async () => {
  await store.gateway.clearFaults();
  await assertBooks(store);
});

after(() => store.close());

const incidentAbout = (subjectId: string): Promise<Incident> =>
  waitFor(
    async () => {
      const { incidents } = await store.admin<{ incidents: { nodes: Incident[] } }>(`{ incidents(first: 100) { nodes { ${FIELDS} } } }`);
      return incidents.nodes.find((incident) => incident.subjectId === subjectId);
    },
    { what: `an incident about ${subjectId}` },
  );

const act = async (id: string, action: string): Promise<Answer> =>
  (await store.admin<{ incidentAct: Answer }>(ACT, { input: { id, action, reason: 'asked by the customer', actor: 'Grace' } })).incidentAct;

/** An order that has shipped and whose capture was declined. */
async function unpaid(): Promise<{ id: string; incident: Incident }> {
  const order = await placed(store, (shopper += 1));
  await store.gateway.addFault({ match: { method: 'POST', path: '/v1/payment_intents/*/capture' }, times: 1, effect: { kind: 'decline', code: 'insufficient_funds' } });
  await shipAll(store, order);
  return { id: order.id, incident: await incidentAbout(order.id) };
}

/** A paid order whose refund the gateway has refused. */
async function refused(amount: number): Promise<{ orderId: string; incident: Incident }> {
  const order = await placed(store, (shopper += 1));
  await shipAll(store, order);
  await waitFor(async () => (await readShipped(store, order.id)).paymentStatus === 'CAPTURED', { what: 'the capture' });
  await store.gateway.addFault({ match: REFUND, times: 1, effect: { kind: 'status', status: 400, stage: 'before' } });
  const { version } = await readOrder(store, order.id);
  const { refund } = await give(store, 'refund', { orderId: order.id, version, amount, reason: 'damaged' });
  assert.equal(await refundEnded(store, refund?.id ?? ''), 'FAILED');
  return { orderId: order.id, incident: await incidentAbout(refund?.id ?? '') };
}

describe('an incident of an order', () => {
  it('is tried again', async () => {
    const { id, incident } = await unpaid();
    assert.deepEqual(incident.actions, ['RETRY', 'IGNORE', 'COMPENSATE']);
    const { incident: done } = await act(incident.id, 'RETRY');
    assert.ok(done?.resolvedAt, JSON.stringify(done));
    assert.equal((await quiet(store, id)).paymentStatus, 'CAPTURED');
  });

  it('is compensated: store credit in place of a refund that the gateway refuses, once', async () => {
    const { orderId, incident } = await refused(2_500);
    const answers = await Promise.all([act(incident.id, 'COMPENSATE'), act(incident.id, 'COMPENSATE')]);
    for (const { incident: done } of answers) assert.ok(done?.resolvedAt, JSON.stringify(answers));
    const order = await quiet(store, orderId);
    assert.equal(order.payments[0]?.credited.amount, 2_500);
    assert.equal(order.payments[0]?.refunded.amount, 0);
  });

  it('is closed with a reason, and then by nothing else', async () => {
    const { incident } = await refused(100);
    const { incident: done } = await act(incident.id, 'IGNORE');
    assert.equal(done?.resolution, 'Ignored: asked by the customer');
    assert.equal((await act(incident.id, 'COMPENSATE')).code, 'INVALID_TRANSITION');
  });

  it('cannot be dealt with in a way that it does not offer', async () => {
    const { incident } = await refused(100);
    assert.equal((await act(incident.id, 'ADOPT')).code, 'INVALID_TRANSITION');
    assert.equal((await act('inc_00000000000000000000000000', 'RETRY')).code, 'NOT_FOUND');
  });

  it('whose way out is closed says so and stays open', async () => {
    const { incident } = await unpaid();
    const { code, incident: open } = await act(incident.id, 'COMPENSATE');
    // It has shipped: it can no longer be canceled.
    assert.equal(code ?? open?.lastError, 'INVALID_TRANSITION');
    assert.equal((await incidentAbout(incident.subjectId)).resolvedAt, null);
    await act(incident.id, 'RETRY');
  });
});
