import assert from 'node:assert/strict';
import { it } from 'node:test';
import { waitFor } from '../../support/wait-for.ts';
import { ADDRESS, providerError, type Bench } from './target.ts';

export function requesting(bench: Bench): void {
  it('takes a parcel, and tells it alike when asked again', async () => {
    const { provider, parcels } = bench.target();
    const { asked, parcel } = await bench.accepted();
    assert.notEqual(parcel.ref, '');
    assert.equal(parcel.shippedAt, undefined);
    assert.deepEqual(await provider.retrieve(parcel.ref), parcel);
    assert.deepEqual(await provider.findByReference(asked.fulfillmentId), parcel);
    assert.equal(await parcels(asked.fulfillmentId), 1);
  });

  it('makes one parcel of one key, however often it is asked', async () => {
    const { provider, parcels } = bench.target();
    const { asked, parcel } = await bench.accepted();
    const again = await Promise.all(
      [1, 2, 3].map(() =>
        provider.request(asked).catch((error: unknown) => providerError('limited')(error) && provider.request(asked)),
      ),
    );
    assert.deepEqual(
      again.map(({ ref }) => ref),
      [parcel.ref, parcel.ref, parcel.ref],
    );
    assert.equal(await parcels(asked.fulfillmentId), 1);
  });

  it('answers a key with the parcel as it stands', async () => {
    const { provider, move, way } = bench.target();
    const { asked, parcel } = await bench.accepted();
    const [next = 'accepted'] = way;
    await move(parcel.ref, next);
    assert.equal((await provider.request(asked)).state, next);
  });

  it('keeps the parcel when another address is asked for under its key', async () => {
    const { provider, parcels } = bench.target();
    const { asked, parcel } = await bench.accepted();
    const corrected = await provider.request({ ...asked, to: { ...ADDRESS, line1: '13 St James’s Square' } });
    assert.equal(corrected.ref, parcel.ref);
    assert.equal(await parcels(asked.fulfillmentId), 1);
  });

  it('keeps the parcels of different keys apart', async () => {
    const [one, two] = await Promise.all([bench.accepted(), bench.accepted({ service: 'express' })]);
    assert.notEqual(one.parcel.ref, two.parcel.ref);
    assert.equal((await bench.target().provider.findByReference(one.asked.fulfillmentId))?.ref, one.parcel.ref);
  });

  it('says why it refuses a parcel', async () => {
    const { provider, refuseNext, refusesAtOnce, parcels } = bench.target();
    const asked = bench.asked();
    await refuseNext('Nobody goes there');
    if (refusesAtOnce) {
      await assert.rejects(provider.request(asked), providerError('rejected', /^Nobody goes there$/));
      assert.equal(await parcels(asked.fulfillmentId), 0);
      assert.equal((await provider.request(asked)).state, 'accepted', 'a refusal does not use the key up');
      return;
    }
    const { ref } = await provider.request(asked);
    const refused = await waitFor(async () => [await provider.retrieve(ref)].find(({ state }) => state !== 'accepted'), {
      what: 'the refusal',
      everyMs: 10,
    });
    assert.deepEqual([refused.state, refused.reason], ['rejected', 'Nobody goes there']);
    assert.equal((await provider.cancel({ key: `${asked.key}/cancel`, ref })).state, 'rejected');
  });

  it('knows nothing of what nobody asked for', async () => {
    const { provider } = bench.target();
    assert.equal(await provider.findByReference('ful_unknown'), undefined);
    await assert.rejects(provider.retrieve('unknown'), providerError('rejected'));
    await assert.rejects(provider.retrieve('../v1'), providerError('rejected'));
    await assert.rejects(provider.cancel({ key: 'unknown/cancel', ref: 'unknown' }), providerError('rejected'));
  });
}
