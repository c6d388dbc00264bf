import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { addLinesToOrder, type AddedLines } from '../../services/orders/edits/add-lines.ts';
import { give, placeOrder, refundEnded } from '../payments/commands.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { assertEditedBooks, balancesOf, changed, edit, eventsOf, readEdited, staged, type EditedOrder } from './edit-commands.ts';
import { ask, fulfill, shipAll, readShipped } from './order-commands.ts';

let store: TestStore;
let shopper = 0;

const order = async (lines: { sku: string; quantity?: number }[] = [{ sku: 'MUG', quantity: 3 }]): Promise<EditedOrder> =>
  readEdited(store, (await placeOrder(store, (shopper += 1), {}, lines)).id);

const lineOf = (of: EditedOrder, sku: string): string => of.lines.find((line) => line.sku === sku)?.id ?? '';
const variant = (sku: string): string => store.catalog.variants[sku]?.id ?? '';
const available = async (sku: string): Promise<number> =>
  (await store.database.rows<{ units: number }>(ephemeral('SELECT on_hand - allocated - held AS units FROM stock_levels WHERE id = $1'), [store.catalog.variants[sku]?.levelId]))[0]?.units ?? 0;

before(async () => {
  store = await startStore([
    { sku: 'MUG', price: 1_000, stock: 1_000 },
    { sku: 'POT', price: 3_333, stock: 1_000 },
    { sku: 'RARE', price: 5_000, stock: 2 },
  ]);
});

afterEach(async () => {
  await store.gateway.clearFaults();
  await assertEditedBooks(store);
});

after(() => store.close());

describe('an edit', () => {
  it('does nothing before it is committed, and nothing when it is discarded', async () => {
    const placed = await order();
    const stock = await available('MUG');
    const preview = await staged(store, placed.id, [{ setQuantity: { orderLineId: lineOf(placed, 'MUG'), quantity: 5 } }]);
    // Two mugs at 10.00 and 8.875 % of tax.
    assert.deepEqual([preview.difference?.amount, preview.collectDue?.amount, preview.refundDue?.amount], [2_178, 2_178, 0], JSON.stringify(preview));
    assert.equal(await available('MUG'), stock);
    assert.equal((await readEdited(store, placed.id)).version, placed.version);
    const second = await edit(store, 'begin', { orderId: placed.id, version: placed.version });
    assert.equal(second.code, 'CONFLICT');
    assert.equal((await edit(store, 'discard', { editId: preview.editId })).edit?.status, 'DISCARDED');
    assert.equal((await edit(store, 'discard', { editId: preview.editId })).edit?.status, 'DISCARDED');
    assert.equal((await edit(store, 'commit', { editId: preview.editId })).code, 'INVALID_TRANSITION');
  });

  it('that makes the order cheaper refunds exactly the difference, once', async () => {
    const placed = await order([{ sku: 'MUG', quantity: 3 }, { sku: 'POT' }]);
    const stock = await available('MUG');
    const committed = await changed(store, placed.id, [{ setQuantity: { orderLineId: lineOf(placed, 'MUG'), quantity: 1 } }]);
    const difference = (committed.order?.totals.total.amount ?? 0) - placed.totals.total.amount;
    assert.equal(committed.edit?.difference, difference, JSON.stringify(committed));
    assert.ok(difference < -2_000 && difference > -2_200, String(difference));
    assert.equal(await available('MUG'), stock + 2);
    await waitFor(async () => (await readEdited(store, placed.id)).payments[0]?.refunded.amount === -difference, { what: 'the refund' });
    const after = await readEdited(store, placed.id);
    assert.deepEqual([after.paymentStatus, after.lines[0]?.canceledQuantity], ['PARTIALLY_REFUNDED', 2]);
    const events = (await eventsOf(store, placed.id)).map(({ type }) => type);
    assert.ok(events.includes('order.edited') && events.includes('order.units_canceled'), events.join());
  });

  it('takes in lines, shipping, discounts and addresses, and what a later refund is reckoned by', async () => {
    const placed = await order();
    const address = { firstName: 'Ada', lastName: 'Lovelace', line1: '2 Side St', city: 'New York', region: 'NY', postalCode: '10001', countryCode: 'US' };
    const committed = await changed(store, placed.id, [
      { addLine: { variantId: variant('POT'), quantity: 1, unitAmount: 1_000 } },
      { setShipping: { amount: 0 } },
      { discount: { orderLineId: lineOf(placed, 'MUG'), amount: 1_000, reason: 'scratched' } },
      { shippingAddress: address },
      { email: 'Ada@Example.com' },
    ]);
    assert.equal(committed.__typename, 'OrderEditCommitPayload', JSON.stringify(committed));
    // The pot costs what the discount takes off; shipping was 5.00 with tax.
    assert.equal(committed.edit?.difference, -544, JSON.stringify(committed.order?.totals));
    assert.deepEqual([committed.order?.email.toLowerCase(), committed.order?.shippingAddress.line1, committed.order?.lines.length], ['ada@example.com', '2 Side St', 2]);
  });

  it('names what is wrong and changes nothing', async () => {
    const placed = await order([{ sku: 'RARE' }, { sku: 'MUG' }]);
    const begun = await edit(store, 'begin', { orderId: placed.id, version: placed.version });
    const editId = begun.edit?.id;
    const refused = async (change: object) => {
      const answer = await edit(store, 'stage', { editId, changes: [change] });
      return [answer.code, answer.field];
    };
    assert.deepEqual(await refused({ setQuantity: { orderLineId: 'oli_none', quantity: 1 } }), ['INVALID_INPUT', 'changes.0.orderLineId']);
    assert.deepEqual(await refused({ addLine: { variantId: 'var_none', quantity: 1 } }), ['NOT_FOUND', 'changes.0.variantId']);
    assert.deepEqual(await refused({}), ['INVALID_INPUT', 'changes.0']);
    assert.deepEqual(await refused({ email: 'not an address' }), ['INVALID_INPUT', 'changes.0.email']);
    const elsewhere = { firstName: 'A', lastName: 'B', line1: '1', city: 'Berlin', postalCode: '10115', countryCode: 'DE' };
    assert.deepEqual(await refused({ shippingAddress: elsewhere }), ['INVALID_TRANSITION', 'changes.0.address']);
    await edit(store, 'stage', { editId, changes: [{ setQuantity: { orderLineId: lineOf(placed, 'MUG'), quantity: 2 } }, { setQuantity: { orderLineId: lineOf(placed, 'RARE'), quantity: 9 } }] });
    const short = await edit(store, 'commit', { editId });
    assert.equal(short.code, 'INVALID_TRANSITION');
    assert.match(short.message ?? '', /8 more of RARE/);
    const after = await readEdited(store, placed.id);
    assert.deepEqual([after.version, after.totals.total.amount, after.lines.map(({ quantity }) => quantity)], [placed.version, placed.totals.total.amount, [1, 1]]);
    await edit(store, 'discard', { editId });
  });

  it('is not committed for an order that has changed, until it was looked at again', async () => {
    const placed = await order();
    const preview = await staged(store, placed.id, [{ setQuantity: { orderLineId: lineOf(placed, 'MUG'), quantity: 2 } }]);
    await ask(store, 'tags', { orderId: placed.id, tags: ['vip'] });
    const stale = await edit(store, 'commit', { editId: preview.editId });
    assert.deepEqual([stale.__typename, stale.currentVersion], ['VersionMismatch', placed.version + 1]);
    assert.equal((await edit(store, 'preview', { editId: preview.editId })).__typename, 'VersionMismatch');
    const again = await edit(store, 'preview', { editId: preview.editId, rebase: true });
    assert.equal(again.refundDue?.amount, preview.refundDue?.amount);
    assert.equal((await edit(store, 'commit', { editId: preview.editId, expectedDifference: 1 })).code, 'CONFLICT');
    assert.equal((await edit(store, 'commit', { editId: preview.editId, expectedDifference: again.difference?.amount })).edit?.status, 'COMMITTED');
  });

  it('does not pay back what was refunded before', async () => {
    const placed = await order();
    const refund = await give(store, 'refund', { orderId: placed.id, version: placed.version, lines: [{ orderLineId: lineOf(placed, 'MUG'), quantity: 1 }], reason: 'late' });
    await refundEnded(store, refund.refund?.id ?? '');
    const once = (await readEdited(store, placed.id)).payments[0]?.refunded.amount;
    const committed = await changed(store, placed.id, [{ setQuantity: { orderLineId: lineOf(placed, 'MUG'), quantity: 2 } }]);
    assert.deepEqual([committed.edit?.refundId, committed.order?.lines[0]?.refundedQuantity], [null, 0], JSON.stringify(committed));
    assert.equal((await readEdited(store, placed.id)).payments[0]?.refunded.amount, once);
  });

  it('that is waived leaves nothing to pay', async () => {
    const placed = await order();
    const committed = await changed(store, placed.id, [{ addLine: { variantId: variant('POT'), quantity: 1 } }], { waive: true });
    assert.deepEqual([committed.edit?.difference, committed.balance, committed.order?.paymentStatus], [0, null, 'CAPTURED'], JSON.stringify(committed));
    assert.equal(committed.order?.lines.length, 2);
  });
});

describe('units that are taken out', () => {
  it('go back to the shelf and are refunded; those in parcels stay', async () => {
    const placed = await order();
    const orderLineId = lineOf(placed, 'MUG');
    const parcel = await fulfill(store, placed.id, { lines: [{ orderLineId, quantity: 1 }] });
    const version = parcel.order?.version;
    const tooMany = await edit(store, 'cancelUnits', { orderId: placed.id, version, lines: [{ orderLineId, quantity: 3 }], reason: 'sold out' });
    assert.deepEqual([tooMany.code, tooMany.field], ['INVALID_TRANSITION', 'lines.0.quantity']);
    const canceled = await edit(store, 'cancelUnits', { orderId: placed.id, version, lines: [{ orderLineId, quantity: 2 }], reason: 'sold out' });
    assert.deepEqual([canceled.order?.lines[0]?.quantity, canceled.order?.lines[0]?.canceledQuantity], [1, 2], JSON.stringify(canceled));
    await ask(store, 'move', { fulfillmentId: parcel.fulfillments?.[0]?.id, to: 'SHIPPED' });
    assert.equal((await readShipped(store, placed.id)).fulfillmentStatus, 'FULFILLED');
  });

  it('are never all of them: the order is canceled instead', async () => {
    const placed = await order();
    const all = await edit(store, 'cancelUnits', { orderId: placed.id, version: placed.version, lines: [{ orderLineId: lineOf(placed, 'MUG'), quantity: 3 }], reason: 'x' });
    assert.equal(all.code, 'INVALID_TRANSITION', JSON.stringify(all));
  });
});

describe('an edit in a race', () => {
  it('with a cancellation: exactly one wins, the loser is told why', async () => {
    for (let round = 0; round < 4; round += 1) {
      const placed = await order();
      const { editId } = await staged(store, placed.id, [{ setQuantity: { orderLineId: lineOf(placed, 'MUG'), quantity: 1 } }]);
      const [committed, canceled] = await Promise.all([edit(store, 'commit', { editId }), give(store, 'cancel', { orderId: placed.id, reason: 'race' })]);
      // A cancellation after a committed edit is no conflict: what is left is canceled.
      assert.equal(canceled.__typename, 'OrderCancelPayload', JSON.stringify(canceled));
      if (committed.__typename !== 'OrderEditCommitPayload') assert.ok(['INVALID_TRANSITION', 'VERSION_MISMATCH', 'CONFLICT'].includes(committed.code ?? ''), JSON.stringify(committed));
    }
  });

  it('with a shipment of the units that it takes out: exactly one wins', async () => {
    for (let round = 0; round < 4; round += 1) {
      const placed = await order();
      const { editId } = await staged(store, placed.id, [{ setQuantity: { orderLineId: lineOf(placed, 'MUG'), quantity: 1 } }]);
      const [committed, parcel] = await Promise.all([edit(store, 'commit', { editId }), ask(store, 'fulfill', { orderId: placed.id, version: placed.version })]);
      const won = [committed.__typename === 'OrderEditCommitPayload', parcel.__typename === 'OrderFulfillPayload'];
      assert.equal(won.filter(Boolean).length, 1, JSON.stringify([committed, parcel]));
      assert.equal(won[0] ? parcel.__typename : committed.__typename, 'VersionMismatch');
    }
  });

  it('of two operators who commit the same edit, one does, and both are told', async () => {
    const placed = await order();
    const { editId } = await staged(store, placed.id, [{ setQuantity: { orderLineId: lineOf(placed, 'MUG'), quantity: 2 } }]);
    const answers = await Promise.all([1, 2].map(() => edit(store, 'commit', { editId })));
    assert.equal(answers.filter(({ __typename }) => __typename === 'OrderEditCommitPayload').length, 1, JSON.stringify(answers));
    assert.equal((await store.database.rows(ephemeral("SELECT id FROM refunds WHERE order_id = $1 AND source = 'edit'"), [placed.id])).length, 1);
  });
});

describe('an edit of an order that is delivered', () => {
  it('opens it again for the units that are added', async () => {
    const placed = await order([{ sku: 'MUG' }]);
    const sent = await shipAll(store, placed);
    await ask(store, 'move', { fulfillmentId: sent.fulfillments[0]?.id, to: 'DELIVERED' });
    const committed = await changed(store, placed.id, [{ setQuantity: { orderLineId: lineOf(placed, 'MUG'), quantity: 2 } }]);
    assert.equal(committed.order?.fulfillmentStatus, 'PARTIALLY_FULFILLED', JSON.stringify(committed));
    assert.equal((await balancesOf(store, placed.id)).length, 1);
    assert.equal((await readShipped(store, placed.id)).deliveredAt, null);
  });
});

describe('lines that an exchange adds', () => {
  const exchange = (orderId: string, amount: number): Promise<AddedLines> =>
    createUnitOfWork(store.database).transaction(async (stores) => {
      const head = await stores.orders.lock(orderId);
      assert.ok(head);
      const lines = [{ variantId: variant('POT'), quantity: 1 }];
      const added = await addLinesToOrder({ stores, order: head, newId: createIdGenerator(), now: new Date() }, lines, { amount, actor: 'operator', reason: 'exchange' });
      await stores.orders.update(orderId, added.change);
      return added;
    });

  it('are paid with what comes back, and the rest is collected', async () => {
    const even = await order();
    const stock = await available('POT');
    // 33.33 and 8.875 % of tax.
    const added = await exchange(even.id, 3_629);
    assert.deepEqual([added.difference, added.collectDue, added.refundDue, added.children], [3_629, 0, 0, []]);
    const after = await readEdited(store, even.id);
    assert.deepEqual([after.paymentStatus, after.lines.find(({ sku }) => sku === 'POT')?.id], ['CAPTURED', added.orderLineIds[0]]);
    assert.equal(await available('POT'), stock - 1);
    const uneven = await order();
    const more = await exchange(uneven.id, 3_000);
    assert.deepEqual([more.collectDue, more.children.map(({ kind }) => kind)], [629, ['collection']]);
    assert.deepEqual((await balancesOf(store, uneven.id)).map(({ amount }) => amount.amount), [629]);
  });
});

describe('a reorder', () => {
  const REORDER = `mutation R($input: OrderReorderInput!) { answer: orderReorder(input: $input) { __typename
    ... on OrderReorderPayload { token cart { id lines { sku quantity } problems { code } } leftOut { sku quantity reason } } ... on InputError { code field } } }`;
  interface Reordered {
    readonly answer: { __typename: string; token?: string; cart?: { lines: { sku: string; quantity: number }[] }; leftOut?: { sku: string; quantity: number }[]; code?: string };
  }

  it('is a new cart of what is still sold, and tells what is not', async () => {
    const cart = await store.readyCart((shopper += 1), [{ sku: 'MUG', quantity: 2 }, { sku: 'POT' }]);
    await store.submit(cart);
    await store.database.run(ephemeral('UPDATE variants SET active = false WHERE id = $1'), [variant('POT')]);
    try {
      const { answer } = await store.query<Reordered>(REORDER, { input: { cartToken: cart.token } });
      assert.deepEqual(answer.cart?.lines.map(({ sku, quantity }) => [sku, quantity]), [['MUG', 2]], JSON.stringify(answer));
      assert.deepEqual(answer.leftOut?.map(({ sku, quantity }) => [sku, quantity]), [['POT', 1]]);
      assert.notEqual(answer.token, cart.token);
    } finally {
      await store.database.run(ephemeral('UPDATE variants SET active = true WHERE id = $1'), [variant('POT')]);
    }
    const { answer } = await store.query<Reordered>(REORDER, { input: { cartToken: 'unknown' } });
    assert.equal(answer.code, 'NOT_FOUND');
  });
});
