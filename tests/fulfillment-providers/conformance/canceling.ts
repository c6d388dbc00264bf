import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Bench } from './target.ts';

export function canceling(bench: Bench): void {
  it('stops a parcel, once and again', async () => {
    const { provider } = bench.target();
    const { asked, parcel } = await bench.accepted();
    for (const key of ['cancel/1', 'cancel/1', 'cancel/2']) {
      assert.equal((await provider.cancel({ key: `${asked.fulfillmentId}/${key}`, ref: parcel.ref })).state, 'canceled');
    }
    assert.equal((await provider.retrieve(parcel.ref)).state, 'canceled');
  });

  it('stops a parcel until it is too late, and tells how it stands from then on', async () => {
    const { provider, way, tooLateFrom, move } = bench.target();
    for (const [index, state] of way.entries()) {
      const { asked, parcel } = await bench.accepted();
      await move(parcel.ref, state);
      const told = await provider.cancel({ key: `${asked.fulfillmentId}/cancel`, ref: parcel.ref });
      assert.equal(told.state, index < way.indexOf(tooLateFrom) ? 'canceled' : state);
      assert.equal((await provider.retrieve(parcel.ref)).state, told.state);
    }
  });

  it('takes the parcel to one end when it is canceled and moved on at once', async () => {
    const { provider, tooLateFrom, move } = bench.target();
    for (let round = 0; round < 10; round++) {
      const { asked, parcel } = await bench.accepted();
      const [canceled, moved] = await Promise.allSettled([
        provider.cancel({ key: `${asked.fulfillmentId}/cancel`, ref: parcel.ref }),
        move(parcel.ref, tooLateFrom),
      ]);
      assert.equal(canceled.status, 'fulfilled');
      const { state } = await provider.retrieve(parcel.ref);
      assert.equal(canceled.value.state, state);
      assert.equal(state, moved.status === 'fulfilled' ? tooLateFrom : 'canceled');
    }
  });
}
