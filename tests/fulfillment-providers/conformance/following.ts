import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ProviderState } from '../../../domain/orders/fulfillment-provider.ts';
import type { Bench } from './target.ts';

const LEFT: readonly ProviderState[] = ['shipped', 'in_transit', 'delivered'];

export function following(bench: Bench): void {
  it('tells every step on the way to the customer', async () => {
    const { provider, way, move } = bench.target();
    const { parcel } = await bench.accepted();
    const before = Date.now();
    for (const state of way) {
      await move(parcel.ref, state);
      const told = await provider.retrieve(parcel.ref);
      assert.equal(told.state, state);
      assert.equal(told.shippedAt !== undefined, LEFT.includes(state), `shippedAt when ${state}`);
      assert.equal(told.deliveredAt !== undefined, state === 'delivered', `deliveredAt when ${state}`);
    }
    const { carrier, trackingNumber, trackingUrl, shippedAt, deliveredAt } = await provider.retrieve(parcel.ref);
    assert.ok(carrier && trackingNumber && trackingUrl);
    assert.equal(new URL(trackingUrl).protocol, 'http:');
    assert.ok(shippedAt && deliveredAt && shippedAt <= deliveredAt && shippedAt.getTime() >= before - 1_000);
  });

  it('tells what comes back, and why', async () => {
    const { provider, move } = bench.target();
    const { parcel } = await bench.accepted();
    await move(parcel.ref, 'shipped');
    await move(parcel.ref, 'returned_to_sender', 'Nobody at home');
    const told = await provider.retrieve(parcel.ref);
    assert.deepEqual([told.state, told.reason, told.deliveredAt], ['returned_to_sender', 'Nobody at home', undefined]);
  });

  it('tells what keeps a parcel from going on, and that it goes on', async (t) => {
    const { provider, way, move } = bench.target();
    if (!way.includes('in_transit')) return t.skip('hears nothing from the road');
    const { parcel } = await bench.accepted();
    await move(parcel.ref, 'exception', 'Held by customs');
    const held = await provider.retrieve(parcel.ref);
    assert.deepEqual([held.state, held.reason], ['exception', 'Held by customs']);
    await move(parcel.ref, 'in_transit');
    const freed = await provider.retrieve(parcel.ref);
    assert.deepEqual([freed.state, freed.reason], ['in_transit', undefined]);
  });

  it('tells what has left when it is less than was asked', async (t) => {
    const { provider, shortShip, move } = bench.target();
    if (!shortShip) return t.skip('packs nothing itself');
    const { parcel } = await bench.accepted();
    await shortShip(parcel.ref, { MUG: 2, TEE: 0 });
    assert.equal((await provider.retrieve(parcel.ref)).shipped, undefined, 'nothing has left yet');
    await move(parcel.ref, 'shipped');
    assert.deepEqual((await provider.retrieve(parcel.ref)).shipped, [{ sku: 'MUG', quantity: 2 }]);
    await move(parcel.ref, 'delivered');
    assert.deepEqual((await provider.retrieve(parcel.ref)).shipped, [{ sku: 'MUG', quantity: 2 }]);
  });

  it('tells that all has left when it has', async (t) => {
    const { provider, shortShip, move } = bench.target();
    if (!shortShip) return t.skip('packs nothing itself');
    const { asked, parcel } = await bench.accepted();
    await move(parcel.ref, 'shipped');
    const { shipped } = await provider.retrieve(parcel.ref);
    assert.deepEqual(shipped, asked.lines.map(({ sku, quantity }) => ({ sku, quantity })));
  });
}
