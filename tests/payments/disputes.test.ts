import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Client } from '@temporalio/client';
import { connectClient } from '../../temporal/runtime/connection.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, untilAnswered, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { placeOrder, type AdminOrder } from './commands.ts';
import { answerDispute, disputed, disputeIs, disputesOf, listDisputes, paymentIntentOf } from './dispute-commands.ts';
import { eventTypesOf } from '../support/events.ts';

const EVIDENCE = {
  explanation: 'The parcel was handed over to the customer.',
  trackingNumber: '1Z999AA10123456784',
  carrier: 'UPS',
  shippedOn: '2026-01-15',
};
const ANY_DISPUTE = { method: 'POST', path: '/v1/disputes/*' } as const;

let store: TestStore;
let client: Client;
let disconnect: () => Promise<void>;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_999, stock: 1_000 }]);
  const connected = await connectClient(store.stack.config);
  client = connected.client;
  disconnect = () => connected.connection.close();
});

afterEach(async () => {
  await store.gateway.clearFaults();
  await store.gateway.clearWebhookFaults();
  await assertBooks(store);
});

after(async () => {
  await disconnect();
  await store.close();
});

const placed = (): Promise<AdminOrder> => placeOrder(store, (shopper += 1));

/** How many times evidence was sent to the bank, or the dispute was given up. */
async function answersOf(ref: string): Promise<string[]> {
  const requests = await store.gateway.requests(1_000);
  return requests.filter(({ method, path }) => method === 'POST' && path.startsWith(`/v1/disputes/${ref}`)).map(({ path }) => path);
}

/** Whether a person is called for the dispute. */
async function callsFor(disputeId: string): Promise<boolean> {
  const query = '{ incidents(first: 100) { nodes { subjectId } } }';
  const { incidents } = await store.admin<{ incidents: { nodes: { subjectId: string }[] } }>(query);
  return incidents.nodes.some(({ subjectId }) => subjectId === disputeId);
}

const workflowEnded = (workflowId: string): Promise<true> =>
  waitFor(async () => (await client.workflow.getHandle(workflowId).describe()).status.name === 'COMPLETED', {
    what: `${workflowId} to end`,
  });

describe('a dispute', () => {
  it('freezes the order, is answered by an operator, and frees the order when it is won', async () => {
    const order = await placed();
    const opened = await disputed(store, order);
    assert.deepEqual([opened.status, opened.orderId, opened.reason], ['NEEDS_RESPONSE', order.id, 'fraudulent']);
    assert.deepEqual(opened.amount, { amount: order.totals.total.amount, currency: 'USD' });
    assert.ok(opened.evidenceDueAt);
    assert.deepEqual((await disputesOf(store, order.id)).holds, [opened.id]);
    assert.equal(await callsFor(opened.id), true);

    const answer = await answerDispute(store, 'respond', { id: opened.id, ...EVIDENCE });
    assert.equal(answer.dispute?.status, 'UNDER_REVIEW', JSON.stringify(answer));
    assert.deepEqual([answer.dispute.response, answer.dispute.responseActor], ['EVIDENCE', 'operator']);
    assert.ok(answer.dispute.respondedAt);
    assert.equal(await callsFor(opened.id), false);
    assert.deepEqual((await disputesOf(store, order.id)).holds, [opened.id]);

    await store.gateway.settleDispute(opened.gatewayRef, 'won');
    assert.ok((await disputeIs(store, order.id, 'WON')).closedAt);
    assert.deepEqual((await disputesOf(store, order.id)).holds, []);
    await workflowEnded(opened.workflowId);
    const told = (await eventTypesOf(store.database, order.id)).filter((type) => type.startsWith('dispute.'));
    assert.deepEqual(told, ['dispute.opened', 'dispute.updated', 'dispute.closed']);
  });

  it('that is accepted is lost, and the goods stay here', async () => {
    const order = await placed();
    const opened = await disputed(store, order, { reason: 'product_not_received' });
    const answer = await answerDispute(store, 'accept', { id: opened.id });
    assert.deepEqual([answer.dispute?.status, answer.dispute?.response], ['LOST', 'ACCEPT'], JSON.stringify(answer));
    assert.deepEqual((await disputesOf(store, order.id)).holds, [opened.id]);
    await workflowEnded(opened.workflowId);
    assert.equal((await answerDispute(store, 'respond', { id: opened.id, ...EVIDENCE })).code, 'CONFLICT');
  });

  it('that begins as an inquiry holds the order until it is closed', async () => {
    const order = await placed();
    const opened = await disputed(store, order, { inquiry: true });
    assert.equal(opened.status, 'INQUIRY');
    assert.deepEqual((await disputesOf(store, order.id)).holds, [opened.id]);
    await store.gateway.settleDispute(opened.gatewayRef, 'won');
    await disputeIs(store, order.id, 'WON');
    assert.deepEqual((await disputesOf(store, order.id)).holds, []);
  });

  it('answered by two operators at once, each clicking twice, is answered once', async () => {
    const order = await placed();
    const { id, gatewayRef } = await disputed(store, order);
    const respond = (actor: string) => answerDispute(store, 'respond', { id, actor, ...EVIDENCE });
    const answers = await Promise.all([respond('ada'), respond('ada'), respond('bob'), respond('bob')]);
    for (const answer of answers) assert.equal(answer.dispute?.status, 'UNDER_REVIEW', JSON.stringify(answer));
    assert.equal((await answersOf(gatewayRef)).length, 1);
    assert.equal((await answerDispute(store, 'accept', { id, actor: 'bob' })).code, 'CONFLICT');
    assert.equal((await answerDispute(store, 'respond', { id, explanation: 'Something else' })).code, 'CONFLICT');
  });

  it('whose answer was taken and not confirmed is answered once', async () => {
    const order = await placed();
    const { id, gatewayRef } = await disputed(store, order);
    await store.gateway.addFault({ match: ANY_DISPUTE, times: 1, effect: { kind: 'drop', stage: 'after' } });
    const answer = await answerDispute(store, 'respond', { id, ...EVIDENCE });
    assert.equal(answer.dispute?.status, 'UNDER_REVIEW', JSON.stringify(answer));
    assert.equal((await answersOf(gatewayRef)).length, 1);
  });

  it('whose answer the gateway refuses can be answered anew', async () => {
    const order = await placed();
    const { id } = await disputed(store, order);
    const refusal = { kind: 'status', status: 400, stage: 'before', stored: true } as const;
    await store.gateway.addFault({ match: ANY_DISPUTE, times: 1, effect: refusal });
    const refused = await answerDispute(store, 'respond', { id, ...EVIDENCE });
    assert.equal(refused.code, 'GATEWAY_REJECTED', JSON.stringify(refused));
    const answer = await answerDispute(store, 'respond', { id, explanation: 'Shorter' });
    assert.equal(answer.dispute?.status, 'UNDER_REVIEW', JSON.stringify(answer));
  });

  it('is recorded right when its events come twice and the last one first', async () => {
    const order = await placed();
    const held = await store.gateway.addWebhookFault({ match: { type: 'charge.dispute.created' }, effect: { kind: 'hold' } });
    const ref = await store.gateway.openDispute(await paymentIntentOf(store, order.id));
    await store.gateway.settleDispute(ref, 'lost');
    const lost = await disputeIs(store, order.id, 'LOST');
    await store.gateway.releaseWebhookFault(held);
    const { deliveries } = await store.gateway.webhooks();
    for (const { eventId, type } of deliveries) if (type.startsWith('charge.dispute.')) await store.gateway.redeliver(eventId);
    await waitFor(async () => (await store.gateway.webhooks()).pending === 0, { what: 'the events to be delivered again' });
    await workflowEnded(lost.workflowId);
    const { disputes, holds } = await disputesOf(store, order.id);
    assert.deepEqual(disputes.map(({ id, status }) => [id, status]), [[lost.id, 'LOST']]);
    assert.deepEqual(holds, [lost.id]);
  });

  it('is listed, page by page and by status', async () => {
    const first = await listDisputes(store, { first: 2 });
    assert.equal(first.nodes.length, 2);
    assert.ok(first.hasNextPage && first.endCursor !== null);
    const second = await listDisputes(store, { first: 2, after: first.endCursor });
    const seen = [...first.nodes, ...second.nodes].map(({ id }) => id);
    assert.deepEqual(seen, [...new Set(seen)].sort().reverse());
    const won = await listDisputes(store, { first: 100, status: 'WON' });
    assert.ok(won.nodes.length > 0 && won.nodes.every(({ status }) => status === 'WON'));
  });

  it('is answered though the worker dies in the middle', async () => {
    const order = await placed();
    const { id, gatewayRef } = await disputed(store, order);
    const held = await store.gateway.addFault({ match: ANY_DISPUTE, times: 1, effect: { kind: 'hold', stage: 'after' } });
    const answering = untilAnswered(() => answerDispute(store, 'respond', { id, ...EVIDENCE }));
    await waitFor(async () => (await store.gateway.faults()).some(({ held: waiting }) => waiting === 1), { what: 'the bank to have the evidence' });
    await store.worker.kill();
    await store.gateway.releaseFault(held);
    await store.stack.startWorker();
    assert.equal((await answering).dispute?.response, 'EVIDENCE');
    await disputeIs(store, order.id, 'UNDER_REVIEW');
    assert.equal((await answersOf(gatewayRef)).length, 1);
  });

  it('is answered with nothing that is not an answer', async () => {
    const order = await placed();
    const { id } = await disputed(store, order);
    const bad = async (input: object) => {
      const { code, field } = await answerDispute(store, 'respond', { id, ...EVIDENCE, ...input });
      return [code, field];
    };
    assert.deepEqual(await bad({ explanation: ' ' }), ['INVALID_INPUT', 'explanation']);
    assert.deepEqual(await bad({ shippedOn: 'yesterday' }), ['INVALID_INPUT', 'shippedOn']);
    assert.deepEqual(await bad({ actor: '' }), ['INVALID_INPUT', 'actor']);
    assert.deepEqual(await bad({ id: 'dsp_nobody' }), ['NOT_FOUND', 'id']);
  });
});
