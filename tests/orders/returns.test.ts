import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { signIn } from '../payments/customer-commands.ts';
import { eventsOf } from './edit-commands.ts';
import { assertReturnBooks, becomes, delivered, made, operate, readReturned, shop, type ReturnAnswer } from './return-commands.ts';
import { eventTypesOf } from '../support/events.ts';

const REFUND_REQUEST = { method: 'POST', path: '/v1/refunds' } as const;

let store: TestStore;
let shopper = 0;

before(async () => {
  store = await startStore([
    { sku: 'MUG', price: 1_000, stock: 1_000 },
    { sku: 'POT', price: 3_333, stock: 1_000 },
    { sku: 'RARE', price: 2_000, stock: 1 },
  ]);
});

afterEach(async () => {
  await store.gateway.clearFaults();
  await assertReturnBooks(store);
});

after(() => store.close());

const arrived = (lines?: { sku: string; quantity?: number }[]) => delivered(store, (shopper += 1), lines);

const onHand = async (sku: string): Promise<number> =>
  (await store.database.rows<{ onHand: number }>(ephemeral('SELECT on_hand AS "onHand" FROM stock_levels WHERE id = $1'), [store.catalog.variants[sku]?.levelId]))[0]?.onHand ?? 0;

const refused = ({ code, field }: ReturnAnswer) => [code, field];

/** An approved return of some units of the first line. */
async function approved(quantity: number, reason = 'UNWANTED', lines: { sku: string; quantity?: number }[] = [{ sku: 'MUG', quantity: 3 }]) {
  const order = await arrived(lines);
  const orderLineId = order.lines[0]?.id ?? '';
  const { id } = made(await shop(store, 'request', { cartToken: order.cart.token, lines: [{ orderLineId, quantity, reason }] }));
  await operate(store, 'approve', { returnId: id });
  return { order, orderLineId, id };
}

describe('a return', () => {
  it('is requested, approved, sent, received, inspected and paid', async () => {
    const order = await arrived([{ sku: 'MUG', quantity: 3 }]);
    const orderLineId = order.lines[0]?.id ?? '';
    const before = await onHand('MUG');
    const asked = await shop(store, 'request', { cartToken: order.cart.token, lines: [{ orderLineId, quantity: 2, reason: 'UNWANTED' }], note: 'too small' });
    const { id } = made(asked);
    assert.deepEqual([asked.return?.status, asked.order?.returnStatus, asked.order?.returnOptions.lines[0]?.quantity], ['REQUESTED', 'REQUESTED', 1]);
    const said = made(await operate(store, 'approve', { returnId: id, labelUrl: 'https://labels.example/1' }));
    assert.deepEqual([said.status, said.decidedBy, said.labelUrl], ['APPROVED', 'operator', 'https://labels.example/1']);
    assert.equal(made(await operate(store, 'ship', { returnId: id, trackingNumber: 'R1' })).status, 'IN_TRANSIT');
    assert.equal(made(await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'NEW', quantity: 1 }] })).status, 'RECEIVED');
    const whole = made(await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'DAMAGED', quantity: 1 }] }));
    assert.equal(whole.lines[0]?.receivedQuantity, 2);
    const units = [
      { orderLineId, condition: 'NEW', accept: 1, restock: 1 },
      { orderLineId, condition: 'DAMAGED', accept: 1, restock: 0 },
    ];
    const preview = await operate(store, 'preview', { returnId: id, units });
    const settledReturn = await operate(store, 'settle', { returnId: id, units });
    assert.deepEqual(made(settledReturn).settlement, preview.settlement);
    assert.equal(made(settledReturn).settlement?.amount.amount, 2_178, 'two mugs with their tax');
    const closed = await becomes(store, id, 'CLOSED');
    assert.equal(closed.outcome, 'REFUNDED');
    const after = await readReturned(store, order.id);
    assert.deepEqual([after.returnStatus, after.paymentStatus, after.lines[0]?.returnedQuantity, after.lines[0]?.refundedQuantity], ['PARTIALLY_RETURNED', 'PARTIALLY_REFUNDED', 2, 2]);
    assert.equal(await onHand('MUG'), before + 1);
    const types = (await eventsOf(store, order.id)).map(({ type }) => type).filter((type) => type.startsWith('return.'));
    assert.deepEqual(types, ['return.requested', 'return.approved', 'return.in_transit', 'return.received', 'return.received_more', 'return.inspected', 'return.closed']);
  });

  it('of all of it brings the shipping back too', async () => {
    const { order, orderLineId, id } = await approved(3);
    await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'NEW', quantity: 3 }] });
    const { settlement } = made(await operate(store, 'settle', { returnId: id }));
    assert.equal(settlement?.amount.amount, order.totals.total.amount);
    await becomes(store, id, 'CLOSED');
    const after = await readReturned(store, order.id);
    assert.deepEqual([after.returnStatus, after.paymentStatus], ['RETURNED', 'REFUNDED']);
  });

  it('that is rejected tells why, and its units can be asked for again', async () => {
    const order = await arrived();
    const request = { cartToken: order.cart.token, lines: [{ orderLineId: order.lines[0]?.id, quantity: 1, reason: 'OTHER' }] };
    const { id } = made(await shop(store, 'request', request));
    assert.deepEqual(refused(await shop(store, 'request', request)), ['INVALID_TRANSITION', 'lines.0.orderLineId']);
    const rejected = await operate(store, 'reject', { returnId: id, reason: 'it was worn' });
    assert.equal((await eventTypesOf(store.database, order.id)).at(-1), 'return.rejected');
    assert.deepEqual([made(rejected).status, made(rejected).decisionReason, rejected.order?.returnStatus], ['REJECTED', 'it was worn', 'NONE']);
    assert.deepEqual(refused(await operate(store, 'approve', { returnId: id })), ['INVALID_TRANSITION', undefined].map((value) => value ?? null));
    assert.equal(made(await shop(store, 'request', request)).number, 2);
  });

  it('can be taken back by the customer until it is on its way', async () => {
    const { order, id } = await approved(1);
    assert.equal(made(await shop(store, 'cancel', { cartToken: order.cart.token, returnId: id })).status, 'CANCELED');
    assert.equal((await eventTypesOf(store.database, order.id)).at(-1), 'return.canceled');
    const second = await approved(1);
    await operate(store, 'ship', { returnId: second.id });
    assert.equal((await shop(store, 'cancel', { cartToken: second.order.cart.token, returnId: second.id })).code, 'INVALID_TRANSITION');
    // Of another order: as if it were not there.
    assert.deepEqual(refused(await shop(store, 'cancel', { cartToken: order.cart.token, returnId: second.id })), ['NOT_FOUND', 'returnId']);
  });

  it('of which nothing is accepted is refused, and nothing is paid', async () => {
    const { order, orderLineId, id } = await approved(1);
    await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'OPENED', quantity: 1 }] });
    const done = await operate(store, 'settle', { returnId: id, units: [] });
    assert.deepEqual([made(done).status, made(done).outcome, done.order?.returnStatus], ['CLOSED', 'REFUSED', 'NONE']);
    assert.deepEqual((await readReturned(store, order.id)).refunds, []);
  });

  it('is settled once though two operators do it at once', async () => {
    const { order, orderLineId, id } = await approved(1);
    await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'NEW', quantity: 1 }] });
    const answers = await Promise.all([1, 2].map(() => operate(store, 'settle', { returnId: id })));
    assert.deepEqual(answers.map(({ __typename }) => __typename).sort(), ['InputError', 'ReturnPayload']);
    await becomes(store, id, 'CLOSED');
    assert.equal((await readReturned(store, order.id)).refunds.length, 1);
  });

  it('pays no unit that was refunded another way meanwhile', async () => {
    const { order, orderLineId, id } = await approved(3);
    const { version } = await readReturned(store, order.id);
    await store.admin('mutation R($input: OrderRefundInput!) { orderRefund(input: $input) { __typename } }', {
      input: { orderId: order.id, version, lines: [{ orderLineId, quantity: 2 }], reason: 'goodwill', actor: 'operator' },
    });
    await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'NEW', quantity: 3 }] });
    const { settlement } = made(await operate(store, 'settle', { returnId: id, shippingRefund: 0 }));
    assert.equal(settlement?.amount.amount, 1_089);
    await becomes(store, id, 'CLOSED');
  });

  it('belongs to the customer whose order it is', async () => {
    const { order, id } = await approved(1);
    const stranger = await signIn(store, 'stranger@example.com');
    const { answer } = await store.query<{ answer: ReturnAnswer }>(
      'mutation C($input: ReturnCancelInput!) { answer: returnCancel(input: $input) { __typename ... on InputError { code field } } }',
      { input: { orderId: order.id, returnId: id } },
      { headers: { 'x-customer-token': stranger.token } },
    );
    assert.deepEqual(refused(answer), ['NOT_FOUND', 'orderId']);
  });
});

describe('an exchange', () => {
  const wanted = (sku: string, quantity = 1) => [{ variantId: store.catalog.variants[sku]?.id, quantity }];

  async function exchanged(sku: string, quantity = 1) {
    const order = await arrived([{ sku: 'MUG', quantity: 2 }]);
    const orderLineId = order.lines[0]?.id ?? '';
    const asked = await shop(store, 'request', { cartToken: order.cart.token, kind: 'EXCHANGE', lines: [{ orderLineId, quantity: 1, reason: 'WRONG_SIZE' }], wanted: wanted(sku, quantity) });
    const { id } = made(asked);
    await operate(store, 'approve', { returnId: id });
    await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'NEW', quantity: 1 }] });
    return { order, orderLineId, id };
  }

  it('for something that costs the same moves no money', async () => {
    const { order, id } = await exchanged('MUG');
    const done = await operate(store, 'settle', { returnId: id });
    assert.deepEqual([made(done).status, made(done).outcome], ['CLOSED', 'EXCHANGED'], JSON.stringify(done));
    const after = await readReturned(store, order.id);
    assert.deepEqual([after.refunds, after.paymentStatus, after.lines.length, after.fulfillmentStatus], [[], 'CAPTURED', 2, 'PARTIALLY_FULFILLED']);
  });

  it('for something dearer leaves a balance to be paid', async () => {
    const { order, id } = await exchanged('POT');
    assert.equal(made(await operate(store, 'settle', { returnId: id })).outcome, 'EXCHANGED');
    const { orderBalances } = await store.admin<{ orderBalances: { nodes: { amount: { amount: number } }[] } }>(
      'query B($orderId: ID) { orderBalances(first: 5, orderId: $orderId) { nodes { amount { amount } } } }',
      { orderId: order.id },
    );
    assert.deepEqual(orderBalances.nodes.map(({ amount }) => amount.amount), [3_629 - 1_089]);
  });

  it('for something cheaper gives the rest back', async () => {
    const order = await arrived([{ sku: 'POT' }]);
    const orderLineId = order.lines[0]?.id ?? '';
    const { id } = made(await operate(store, 'open', { orderId: order.id, kind: 'EXCHANGE', lines: [{ orderLineId, quantity: 1, reason: 'WRONG_ITEM' }], wanted: wanted('MUG') }));
    await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'NEW', quantity: 1 }] });
    await operate(store, 'settle', { returnId: id, shippingRefund: 0 });
    assert.equal((await becomes(store, id, 'CLOSED')).outcome, 'EXCHANGED');
    assert.deepEqual((await readReturned(store, order.id)).refunds.map(({ amount, status }) => [amount.amount, status]), [[3_629 - 1_089, 'SUCCEEDED']]);
  });

  it('of what is sold out is refused, and can be money instead', async () => {
    const { id } = await exchanged('RARE');
    const taken = await store.submit(await store.readyCart((shopper += 1), [{ sku: 'RARE' }]));
    assert.ok(taken.order);
    assert.equal((await operate(store, 'settle', { returnId: id })).code, 'INVALID_TRANSITION');
    assert.equal(made(await operate(store, 'settle', { returnId: id, refundInstead: true })).settlement?.amount.amount, 1_089);
    assert.equal((await becomes(store, id, 'CLOSED')).outcome, 'REFUNDED');
  });
});

describe('a claim', () => {
  it('for what never arrived is paid when it is approved', async () => {
    const order = await arrived();
    const lines = [{ orderLineId: order.lines[0]?.id, quantity: 1, reason: 'LOST_IN_TRANSIT' }];
    const { id, sendBack } = made(await shop(store, 'request', { cartToken: order.cart.token, kind: 'CLAIM', lines }));
    assert.equal(sendBack, false);
    await operate(store, 'approve', { returnId: id });
    assert.equal((await becomes(store, id, 'CLOSED')).outcome, 'CLAIM_SETTLED');
    assert.ok((await eventTypesOf(store.database, order.id)).includes('return.claim_approved'));
    const after = await readReturned(store, order.id);
    assert.deepEqual([after.returnStatus, after.lines[0]?.returnedQuantity, after.lines[0]?.refundedQuantity], ['NONE', 0, 1]);
  });

  it('that an operator opens brings a replacement', async () => {
    const order = await arrived();
    const lines = [{ orderLineId: order.lines[0]?.id, quantity: 1, reason: 'DAMAGED' }];
    const { id } = made(await operate(store, 'open', { orderId: order.id, kind: 'CLAIM', sendBack: false, lines, wanted: [{ variantId: store.catalog.variants['MUG']?.id, quantity: 1 }] }));
    assert.equal((await becomes(store, id, 'CLOSED')).outcome, 'CLAIM_SETTLED');
    const after = await readReturned(store, order.id);
    assert.deepEqual(after.lines.map(({ quantity }) => quantity), [1, 1]);
  });
});

describe('a refund that the gateway refuses', () => {
  async function refusedRefund() {
    const { order, orderLineId, id } = await approved(1);
    await store.gateway.addFault({ match: REFUND_REQUEST, times: 1, effect: { kind: 'status', status: 400, stage: 'before' } });
    await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'NEW', quantity: 1 }] });
    const { refundId } = made(await operate(store, 'settle', { returnId: id }));
    const incident = await waitFor(
      async () => {
        const { incidents } = await store.admin<{ incidents: { nodes: { id: string; kind: string; subjectId: string }[] } }>('{ incidents(first: 50) { nodes { id kind subjectId } } }');
        return incidents.nodes.find(({ kind, subjectId }) => kind === 'refund_failed' && subjectId === refundId);
      },
      { what: 'the incident' },
    );
    return { order, id, incident };
  }

  const act = (id: string, action: string) =>
    store.admin<{ incidentAct: { __typename: string } }>('mutation A($input: IncidentActInput!) { incidentAct(input: $input) { __typename } }', {
      input: { id, action, reason: 'the bank was asked', actor: 'operator' },
    });

  it('leaves the return open until it is tried again', async () => {
    const { order, id, incident } = await refusedRefund();
    const open = await readReturned(store, order.id);
    assert.deepEqual([open.returns[0]?.status, open.returnStatus, open.paymentStatus, open.lines[0]?.refundedQuantity], ['INSPECTED', 'IN_PROGRESS', 'CAPTURED', 0]);
    await act(incident.id, 'RETRY');
    assert.equal((await becomes(store, id, 'CLOSED')).outcome, 'REFUNDED');
  });
});

describe('what is wrong is refused, and changes nothing', () => {
  it('names the field', async () => {
    const order = await arrived();
    const orderLineId = order.lines[0]?.id;
    const ask = async (input: object) => refused(await shop(store, 'request', { cartToken: order.cart.token, ...input }));
    const line = { orderLineId, quantity: 1, reason: 'OTHER' };
    assert.deepEqual(await ask({ lines: [] }), ['INVALID_INPUT', 'lines']);
    assert.deepEqual(await ask({ lines: [{ ...line, orderLineId: 'oli_x' }] }), ['INVALID_INPUT', 'lines.0.orderLineId']);
    assert.deepEqual(await ask({ lines: [{ ...line, quantity: 0 }] }), ['INVALID_INPUT', 'lines.0.quantity']);
    assert.deepEqual(await ask({ lines: [{ ...line, quantity: 2 }] }), ['INVALID_TRANSITION', 'lines.0.quantity']);
    assert.deepEqual(await ask({ lines: [line, line] }), ['INVALID_INPUT', 'lines.1.orderLineId']);
    assert.deepEqual(await ask({ lines: [{ ...line, reason: 'LOST_IN_TRANSIT' }] }), ['INVALID_INPUT', 'lines.0.reason']);
    assert.deepEqual(await ask({ kind: 'EXCHANGE', lines: [line] }), ['INVALID_INPUT', 'wanted']);
    assert.deepEqual(await ask({ lines: [line], wanted: [{ variantId: store.catalog.variants['MUG']?.id, quantity: 1 }] }), ['INVALID_INPUT', 'wanted']);
    assert.deepEqual((await readReturned(store, order.id)).returns, []);
  });

  it('of what has not arrived', async () => {
    const answer = await store.submit(await store.readyCart((shopper += 1)));
    const fresh = await readReturned(store, answer.order?.id ?? '');
    assert.equal(fresh.returnOptions.lines[0]?.refusal, 'NOT_DELIVERED');
    assert.deepEqual(refused(await operate(store, 'open', { orderId: fresh.id, lines: [{ orderLineId: fresh.lines[0]?.id, quantity: 1, reason: 'OTHER' }] })), ['INVALID_TRANSITION', 'lines.0.orderLineId']);
  });

  it('of units that have not come', async () => {
    const { orderLineId, id } = await approved(1);
    assert.equal((await operate(store, 'settle', { returnId: id })).code, 'INVALID_TRANSITION');
    assert.deepEqual(refused(await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'NEW', quantity: 2 }] })), ['INVALID_TRANSITION', 'units.0.quantity']);
    await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'NEW', quantity: 1 }] });
    assert.deepEqual(refused(await operate(store, 'settle', { returnId: id, units: [{ orderLineId, condition: 'OPENED', accept: 1, restock: 0 }] })), ['INVALID_INPUT', 'units.0.orderLineId']);
    assert.deepEqual(refused(await operate(store, 'settle', { returnId: id, restockingFee: 5_000 })), ['INVALID_INPUT', 'restockingFee']);
    await operate(store, 'settle', { returnId: id });
    await becomes(store, id, 'CLOSED');
  });
});
