import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { give, placeOrder } from '../payments/commands.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { assertEditedBooks, balancesOf, changed, edit, readEdited, staged, type EditedOrder } from './edit-commands.ts';

let store: TestStore;
let shopper = 0;

const order = async (): Promise<EditedOrder> => readEdited(store, (await placeOrder(store, (shopper += 1), {}, [{ sku: 'MUG', quantity: 3 }])).id);

const setMugs = (of: EditedOrder, quantity: number): object => ({ setQuantity: { orderLineId: of.lines[0]?.id, quantity } });

const captured = (of: EditedOrder): number => of.payments.reduce((sum, payment) => sum + payment.captured.amount, 0);

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_000, stock: 1_000 }], { rules: { captureMode: 'manual' } });
});

afterEach(async () => {
  await store.gateway.clearFaults();
  await assertEditedBooks(store);
});

after(() => store.close());

describe('an edit before the money is taken', () => {
  it('that makes the order cheaper refunds nothing: the capture takes less', async () => {
    const placed = await order();
    const committed = await changed(store, placed.id, [setMugs(placed, 1)]);
    assert.deepEqual([committed.edit?.refundId, committed.balance, committed.order?.paymentStatus], [null, null, 'AUTHORIZED'], JSON.stringify(committed));
    const total = committed.order?.totals.total.amount;
    const taken = await give(store, 'capture', { orderId: placed.id, version: committed.order?.version, final: true });
    assert.deepEqual([taken.order?.paymentStatus, taken.order?.payments[0]?.captured.amount], ['CAPTURED', total], JSON.stringify(taken));
  });

  it('that makes it dearer again within the authorization collects nothing, and beyond it only the rest', async () => {
    const placed = await order();
    await changed(store, placed.id, [setMugs(placed, 1)]);
    const back = await changed(store, placed.id, [setMugs(placed, 3)]);
    assert.deepEqual([back.balance, back.order?.totals.total.amount], [null, placed.totals.total.amount], JSON.stringify(back));
    const beyond = await changed(store, placed.id, [setMugs(placed, 4)]);
    assert.equal(beyond.balance?.amount.amount, (beyond.order?.totals.total.amount ?? 0) - placed.totals.total.amount);
    assert.equal((await balancesOf(store, placed.id)).length, 1);
    // What is taken later is what was authorized: the rest has its own payment.
    const taken = await give(store, 'capture', { orderId: placed.id, version: (await readEdited(store, placed.id)).version, final: true });
    assert.equal(taken.order?.payments[0]?.captured.amount, placed.totals.total.amount, JSON.stringify(taken));
  });

  it('and the capture of the same version: exactly one wins, the loser is told why', async () => {
    for (let round = 0; round < 6; round += 1) {
      const placed = await order();
      const { editId } = await staged(store, placed.id, [setMugs(placed, 1)]);
      const [committed, taken] = await Promise.all([edit(store, 'commit', { editId }), give(store, 'capture', { orderId: placed.id, version: placed.version })]);
      const won = [committed.__typename === 'OrderEditCommitPayload', taken.__typename === 'OrderPaymentPayload'];
      assert.equal(won.filter(Boolean).length, 1, JSON.stringify([committed, taken]));
      assert.ok(['VERSION_MISMATCH', 'CONFLICT'].includes((won[0] ? taken.code : committed.code) ?? ''), JSON.stringify([committed, taken]));
      assert.equal(captured(await readEdited(store, placed.id)), won[0] ? 0 : placed.totals.total.amount);
    }
  });

  it('is refused while a capture is under way whose end is not known', async () => {
    const placed = await order();
    const fault = await store.gateway.addFault({ match: { method: 'POST', path: '/v1/payment_intents/*/capture' }, times: 1, effect: { kind: 'hold', stage: 'before' } });
    const taking = give(store, 'capture', { orderId: placed.id, version: placed.version });
    await waitFor(async () => (await store.gateway.faults()).some(({ id, held }) => id === fault && held > 0), { what: 'the gateway to have the capture' });
    const { editId } = await staged(store, placed.id, [setMugs(placed, 1)]);
    assert.equal((await edit(store, 'commit', { editId })).code, 'CONFLICT');
    await store.gateway.releaseFault(fault);
    assert.equal((await taking).__typename, 'OrderPaymentPayload');
    await edit(store, 'preview', { editId, rebase: true });
    const committed = await edit(store, 'commit', { editId });
    assert.ok(committed.edit?.refundId, JSON.stringify(committed));
    await waitFor(async () => (await readEdited(store, placed.id)).payments[0]?.refunded.amount === -(committed.edit?.difference ?? 0), { what: 'the refund' });
  });
});
