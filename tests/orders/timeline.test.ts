import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { give, readOrder, refundEnded } from '../payments/commands.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { ask, fulfill, placed } from './order-commands.ts';

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly source: string;
  readonly type: string;
  readonly actor: string | null;
  readonly subjectId: string | null;
  readonly key: string | null;
  readonly attempt: number | null;
  readonly amount: { readonly amount: number } | null;
  readonly cause: string | null;
  readonly nextAction: string | null;
  readonly detail: string;
}

const TIMELINE = `query T($id: ID, $first: Int, $after: String) { order(id: $id) { timeline(first: $first, after: $after) {
  nodes { id at source type actor subjectId key attempt amount { amount } cause nextAction detail } pageInfo { endCursor hasNextPage } } } }`;

let store: TestStore;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 10_000, stock: 100 }], { rules: { captureMode: 'manual' } });
});

after(() => store.close());

/** All of it, oldest first. */
async function timelineOf(id: string, size = 100): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let after: string | null = null; ; ) {
    const { order }: { order: { timeline: { nodes: Entry[]; pageInfo: { endCursor: string; hasNextPage: boolean } } } } = await store.admin(TIMELINE, { id, first: size, after });
    entries.push(...order.timeline.nodes);
    if (!order.timeline.pageInfo.hasNextPage) return entries.reverse();
    after = order.timeline.pageInfo.endCursor;
  }
}

describe("an order's timeline", () => {
  it('tells what happened, who asked, under which key, and why something did not come off', async () => {
    const order = await placed(store, 1);
    await store.gateway.addFault({ match: { method: 'POST', path: '/v1/payment_intents/*/capture' }, times: 1, effect: { kind: 'decline', code: 'insufficient_funds' } });
    await give(store, 'capture', { orderId: order.id, version: order.version, actor: 'Grace' });
    await give(store, 'capture', { orderId: order.id, version: (await readOrder(store, order.id)).version, actor: 'Grace' });
    await ask(store, 'note', { orderId: order.id, text: 'The customer called', actor: 'Ada' });
    const made = await fulfill(store, order.id);
    await ask(store, 'move', { fulfillmentId: made.fulfillments?.[0]?.id, to: 'SHIPPED', trackingNumber: 'T1' });
    await store.gateway.addFault({ match: { method: 'POST', path: '/v1/refunds' }, times: 1, effect: { kind: 'status', status: 400, stage: 'before' } });
    const { version } = await readOrder(store, order.id);
    const { refund } = await give(store, 'refund', { orderId: order.id, version, amount: 500, reason: 'late' });
    assert.equal(await refundEnded(store, refund?.id ?? ''), 'FAILED');
    await waitFor(async () => (await timelineOf(order.id)).some(({ type }) => type === 'incident.raised'), { what: 'the incident' });

    const entries = await timelineOf(order.id);
    const types = entries.map(({ type }) => type);
    const wanted = [
      'authorize.asked',
      'authorize.succeeded',
      'order.placed',
      'capture.declined',
      'capture.succeeded',
      'payment.captured',
      'command.add_note',
      'command.fulfill',
      'fulfillment.created',
      'fulfillment.shipped',
      'refund.requested',
      'refund.failed',
      'incident.raised',
    ];
    for (const type of wanted) assert.ok(types.includes(type), `${type} in ${types.join(', ')}`);
    assert.deepEqual([...entries].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).map(({ at }) => at), entries.map(({ at }) => at), 'in order');

    const find = (type: string) => entries.find((entry) => entry.type === type);
    const declined = find('capture.declined');
    assert.ok(declined?.key?.endsWith('/capture/1') && declined.cause, JSON.stringify(declined));
    assert.ok(find('capture.succeeded')?.key?.endsWith('/capture/2'));
    assert.deepEqual([find('command.add_note')?.actor, find('command.add_note')?.detail], ['Ada', '{"text":"The customer called","version":5}']);
    const part = entries.find(({ source, type }) => source === 'REFUND' && type === 'refund.part.failed');
    assert.deepEqual([part?.attempt, part?.amount?.amount, part?.key], [1, 500, `${refund?.id}/1/1`]);
    assert.ok(part?.cause);
    const incident = find('incident.raised');
    assert.ok(incident?.cause && incident.nextAction);
    assert.ok(entries.every(({ detail }) => !detail.includes('@example.com')), 'no address of the customer');
  });

  it('is read in pages that neither overlap nor leave anything out', async () => {
    const { id } = await placed(store, 2);
    for (let note = 1; note <= 7; note += 1) await ask(store, 'note', { orderId: id, text: `note ${note}` });
    const whole = await timelineOf(id);
    assert.deepEqual((await timelineOf(id, 3)).map((entry) => entry.id), whole.map((entry) => entry.id));
    assert.equal(new Set(whole.map((entry) => entry.id)).size, whole.length);
    await assert.rejects(store.admin(TIMELINE, { id, after: 'nonsense' }), /not a cursor/);
  });
});
