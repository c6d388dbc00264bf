import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { placeOrder } from '../payments/commands.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { assertEditedBooks, balancesOf, changed, edit, eventsOf, readEdited, staged } from './edit-commands.ts';

let store: TestStore;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_000, stock: 1_000 }], { env: { BALANCE_EXPIRES_SECONDS: '2' } });
});

afterEach(() => assertEditedBooks(store));

after(() => store.close());

const incidents = async (orderId: string): Promise<{ kind: string; resolvedAt: string | null }[]> =>
  (
    await store.admin<{ incidents: { nodes: { kind: string; resolvedAt: string | null }[] } }>(
      'query I($orderId: ID) { incidents(first: 50, open: null, orderId: $orderId) { nodes { kind resolvedAt } } }',
      { orderId },
    )
  ).incidents.nodes.filter(({ kind }) => kind === 'balance_unpaid');

/** An order whose balance nobody has paid in time. */
async function expired(): Promise<string> {
  const { id } = await placeOrder(store, (shopper += 1));
  await changed(store, id, [{ addLine: { variantId: store.catalog.variants['MUG']?.id, quantity: 1 } }]);
  await waitFor(async () => (await balancesOf(store, id))[0]?.status === 'EXPIRED', { what: 'the balance to expire' });
  return id;
}

describe('a balance that nobody pays', () => {
  it('is reminded of once, expires, and calls a person', async () => {
    const orderId = await expired();
    const types = (await eventsOf(store, orderId)).map(({ type }) => type).filter((type) => type.startsWith('order.balance'));
    assert.deepEqual(types, ['order.balance_due', 'order.balance_reminder', 'order.balance_expired']);
    assert.deepEqual((await incidents(orderId)).map(({ resolvedAt }) => resolvedAt), [null]);
  });

  it('is forgiven by an edit without changes, which closes the incident', async () => {
    const orderId = await expired();
    const { editId } = await staged(store, orderId, []);
    const committed = await edit(store, 'commit', { editId, waive: true });
    assert.deepEqual([committed.edit?.difference, committed.balance, committed.order?.paymentStatus], [-1_089, null, 'CAPTURED'], JSON.stringify(committed));
    assert.ok((await incidents(orderId)).every(({ resolvedAt }) => resolvedAt !== null));
  });

  it('can be asked for anew', async () => {
    const orderId = await expired();
    const { editId } = await staged(store, orderId, []);
    const committed = await edit(store, 'commit', { editId });
    assert.equal(committed.balance?.amount.amount, 1_089, JSON.stringify(committed));
    const statuses = (await balancesOf(store, orderId)).map(({ status }) => status);
    assert.equal(statuses[1], 'CANCELED');
    assert.equal((await readEdited(store, orderId)).paymentStatus, 'PARTIALLY_CAPTURED');
  });
});
