import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { createStripeGateway } from '../../adapters/stripe/stripe-gateway.ts';
import { workflowSources } from '../security/sources.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { give, placeOrder, type AdminOrder } from './commands.ts';
import { answerDispute, disputed, disputeIs, disputesOf, listDisputes } from './dispute-commands.ts';

const REMINDER_SECONDS = 48 * 3_600;

let store: TestStore;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_999, stock: 1_000 }]);
});

afterEach(() => store.gateway.clearFaults());
after(() => store.close());

const placed = (): Promise<AdminOrder> => placeOrder(store, (shopper += 1));

interface Incident {
  readonly kind: string;
  readonly subjectId: string;
  readonly cause: string;
}

/** The open incidents of a dispute or a payment. */
async function incidentsOf(subjectId: string): Promise<Incident[]> {
  const { incidents } = await store.admin<{ incidents: { nodes: Incident[] } }>(
    '{ incidents(first: 100) { nodes { kind subjectId cause } } }',
  );
  return incidents.nodes.filter((incident) => incident.subjectId === subjectId);
}

async function outcomesOf(orderId: string): Promise<{ outcome: string; source: string; reference: string | null }[]> {
  const { fraudOutcomes } = await store.admin<{
    fraudOutcomes: { nodes: { orderId: string; outcome: string; source: string; reference: string | null }[] };
  }>('{ fraudOutcomes(first: 100) { nodes { orderId outcome source reference } } }');
  return fraudOutcomes.nodes
    .filter((outcome) => outcome.orderId === orderId)
    .map(({ outcome, source, reference }) => ({ outcome, source, reference }));
}

/** What the world was told of the dispute, in order. */
async function eventsOf(disputeId: string): Promise<{ type: string; status: string }[]> {
  return store.database.rows<{ type: string; status: string }>(
    ephemeral(`SELECT type, payload->>'status' AS status FROM outbox_events WHERE payload->>'disputeId' = $1 ORDER BY position`),
    [disputeId],
  );
}

/** A payment at the gateway that no checkout of this store has made; tells the gateway's id. */
async function foreignPayment(): Promise<string> {
  const { stripe } = store.stack;
  const gateway = createStripeGateway({
    apiKey: 'sk_test_emulator',
    webhookSecret: 'whsec_unused',
    baseUrl: stripe.url,
    timeoutMs: 5_000,
  });
  const reference = { cartId: 'elsewhere', checkoutId: 'elsewhere', orderId: 'elsewhere', paymentId: 'elsewhere' };
  const payment = {
    key: 'foreign',
    amount: 1_234,
    currency: 'USD',
    paymentMethod: 'pm_card_visa',
    captureMethod: 'automatic',
    reference,
  } as const;
  return (await gateway.authorize(payment)).gatewayRef;
}

describe('a dispute of an order', () => {
  afterEach(() => assertBooks(store));

  it('lost as fraud keeps the goods here, counts as a chargeback once, and is told', async () => {
    const order = await placed();
    const { id, gatewayRef } = await disputed(store, order, { reason: 'fraudulent' });
    assert.deepEqual(
      (await incidentsOf(id)).map(({ kind }) => kind),
      ['dispute_needs_response'],
    );
    await store.gateway.settleDispute(gatewayRef, 'lost');
    await disputeIs(store, order.id, 'LOST');
    const { deliveries } = await store.gateway.webhooks();
    const told = deliveries.filter(({ type }) => type.startsWith('charge.dispute.'));
    assert.ok(told.length > 0);
    for (const { eventId } of told) await store.gateway.redeliver(eventId);
    await waitFor(async () => (await store.gateway.webhooks()).pending === 0, { what: 'the events to be delivered again' });
    assert.deepEqual(await outcomesOf(order.id), [{ outcome: 'CHARGEBACK', source: 'DISPUTE', reference: gatewayRef }]);
    assert.deepEqual((await disputesOf(store, order.id)).holds, [id]);
    assert.deepEqual(await incidentsOf(id), []);
    assert.deepEqual(await eventsOf(id), [
      { type: 'dispute.opened', status: 'needs_response' },
      { type: 'dispute.closed', status: 'lost' },
    ]);
  });

  it('lost for another reason says nothing of fraud', async () => {
    const order = await placed();
    const { id, gatewayRef } = await disputed(store, order, { reason: 'product_not_received' });
    await store.gateway.settleDispute(gatewayRef, 'lost');
    await disputeIs(store, order.id, 'LOST');
    assert.deepEqual(await outcomesOf(order.id), []);
    assert.deepEqual((await disputesOf(store, order.id)).holds, [id]);
  });

  it('won after an answer frees the order, closes the incident, and is told', async () => {
    const order = await placed();
    const { id } = await disputed(store, order);
    const answer = await answerDispute(store, 'respond', { id, explanation: 'winning_evidence' });
    assert.ok(answer.dispute, JSON.stringify(answer));
    await disputeIs(store, order.id, 'WON');
    assert.deepEqual((await disputesOf(store, order.id)).holds, []);
    assert.deepEqual(await incidentsOf(id), []);
    assert.deepEqual((await eventsOf(id)).at(-1), { type: 'dispute.closed', status: 'won' });
    assert.deepEqual(await outcomesOf(order.id), []);
  });

  it('answered in two ways at once is answered in one', async () => {
    const order = await placed();
    const { id, gatewayRef } = await disputed(store, order);
    const answers = await Promise.all([
      answerDispute(store, 'respond', { id, actor: 'ada', explanation: 'It was delivered' }),
      answerDispute(store, 'accept', { id, actor: 'bob' }),
    ]);
    assert.deepEqual(answers.map(({ code }) => code ?? 'SENT').sort(), ['CONFLICT', 'SENT'], JSON.stringify(answers));
    const sent = (await store.gateway.requests(1_000)).filter(
      ({ method, path }) => method === 'POST' && path.startsWith(`/v1/disputes/${gatewayRef}`),
    );
    assert.equal(sent.length, 1);
  });

  it('whose evidence is due soon is told once more, unless it was answered', async () => {
    const [late, prompt] = [await placed(), await placed()];
    const waiting = await disputed(store, late, { evidenceSeconds: REMINDER_SECONDS + 4 });
    const answered = await disputed(store, prompt, { evidenceSeconds: REMINDER_SECONDS + 4 });
    assert.match((await incidentsOf(waiting.id))[0]?.cause ?? '', /^The payment is disputed/);
    await answerDispute(store, 'respond', { id: answered.id, explanation: 'It was delivered' });
    const reminder = await waitFor(
      async () => (await incidentsOf(waiting.id)).find(({ cause }) => cause.startsWith('Still not answered')),
      { what: 'the reminder' },
    );
    assert.ok(reminder.cause.includes(waiting.evidenceDueAt ?? 'no date'), reminder.cause);
    assert.deepEqual(await incidentsOf(answered.id), []);
  });

  it('keeps the order from being canceled until the bank has decided; what it took is not given back again', async () => {
    const order = await placed();
    const { id } = await disputed(store, order);
    const cancel = () => give(store, 'cancel', { orderId: order.id, reason: 'the customer wants it no more' });
    const refused = await cancel();
    assert.deepEqual([refused.code, refused.field], ['INVALID_TRANSITION', 'orderId'], JSON.stringify(refused));
    await answerDispute(store, 'accept', { id });
    const canceled = await cancel();
    assert.equal(canceled.order?.status, 'CANCELED', JSON.stringify(canceled));
    assert.deepEqual(canceled.order.refunds, []);
  });

  it('that was an inquiry only is canceled with its money back', async () => {
    const order = await placed();
    await disputed(store, order, { inquiry: true });
    const canceled = await give(store, 'cancel', { orderId: order.id, reason: 'the customer wants it no more' });
    assert.equal(canceled.order?.status, 'CANCELED', JSON.stringify(canceled));
    assert.equal(canceled.order.payments[0]?.refunded.amount, order.totals.total.amount);
  });

  it('leaves no evidence in Temporal’s histories', async () => {
    const order = await placed();
    const { id, gatewayRef } = await disputed(store, order);
    await answerDispute(store, 'respond', { id, explanation: 'Signed for by Grace Hopper', trackingNumber: '1ZTRACK4711' });
    const histories = (await workflowSources(store.stack.config)).filter(({ name }) => name.includes(gatewayRef));
    assert.ok(histories.length > 0);
    for (const { name, text } of histories) assert.ok(!text.includes('Grace Hopper') && !text.includes('1ZTRACK4711'), name);
  });
});

describe('a dispute of a payment that is not of this store', () => {
  it('calls a person and holds no order', async () => {
    const intent = await foreignPayment();
    const ref = await store.gateway.openDispute(intent);
    const dispute = await waitFor(
      async () => (await listDisputes(store, { first: 10 })).nodes.find(({ gatewayRef }) => gatewayRef === ref),
      { what: 'the dispute to be recorded' },
    );
    assert.equal(dispute.orderId, null);
    assert.ok((await incidentsOf(intent)).some(({ kind }) => kind === 'unknown_payment'));
    assert.ok((await incidentsOf(dispute.id)).some(({ kind }) => kind === 'dispute_needs_response'));
    const answer = await answerDispute(store, 'accept', { id: dispute.id });
    assert.equal(answer.dispute?.status, 'LOST', JSON.stringify(answer));
    assert.deepEqual(
      (await eventsOf(dispute.id)).map(({ type }) => type),
      ['dispute.opened', 'dispute.closed'],
    );
  });
});
