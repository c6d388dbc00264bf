import assert from 'node:assert/strict';
import { it } from 'node:test';
import { waitFor } from '../../support/wait-for.ts';
import { providerError, type Bench } from './target.ts';

export function losingAnswers(bench: Bench): void {
  it('finds the parcel whose answer was lost, and makes no second one', async () => {
    const { provider, dropAnswers, parcels } = bench.target();
    const asked = bench.asked();
    await dropAnswers('request', 1);
    await assert.rejects(provider.request(asked), providerError('ambiguous'));
    const found = await provider.findByReference(asked.fulfillmentId);
    assert.equal(found?.state, 'accepted');
    assert.deepEqual(await provider.request(asked), found);
    assert.equal(await parcels(asked.fulfillmentId), 1);
  });

  it('does not wait for ever for an answer', async () => {
    const { provider, hangAnswers, parcels } = bench.target();
    const asked = bench.asked();
    await hangAnswers('request', 1);
    await assert.rejects(provider.request(asked), providerError('ambiguous'));
    assert.equal(await parcels(asked.fulfillmentId), 1);
    const { ref } = await provider.request(asked);
    await hangAnswers('retrieve', 1);
    await assert.rejects(provider.retrieve(ref), providerError('ambiguous'));
    await hangAnswers('cancel', 1);
    await assert.rejects(provider.cancel({ key: `${asked.fulfillmentId}/cancel`, ref }), providerError('ambiguous'));
    assert.equal((await provider.retrieve(ref)).state, 'canceled');
  });

  it('does not know what became of a request that the provider failed at', async () => {
    const { provider, failBefore, parcels } = bench.target();
    for (const status of [500, 502, 503, 504]) {
      const asked = bench.asked();
      await failBefore('request', status);
      await assert.rejects(provider.request(asked), providerError('ambiguous'));
      assert.equal(await provider.findByReference(asked.fulfillmentId), undefined);
      await provider.request(asked);
      assert.equal(await parcels(asked.fulfillmentId), 1);
    }
  });

  it('says how long to wait when it was asked too often', async () => {
    const { provider, failBefore } = bench.target();
    const asked = bench.asked();
    await failBefore('request', 429, 7);
    await assert.rejects(provider.request(asked), { name: 'FulfillmentProviderError', kind: 'limited', retryAfterMs: 7_000 });
    assert.equal(await provider.findByReference(asked.fulfillmentId), undefined);
  });

  it('waits while the first request with the key is under way', async () => {
    const { provider, holdNext, parcels } = bench.target();
    const asked = bench.asked();
    const held = await holdNext('request');
    const first = provider.request(asked);
    await waitFor(() => held.waiting(), { what: 'the first request to be under way', everyMs: 5 });
    await assert.rejects(provider.request(asked), providerError('limited'));
    await held.release();
    assert.equal((await provider.request(asked)).ref, (await first).ref);
    assert.equal(await parcels(asked.fulfillmentId), 1);
  });
}
