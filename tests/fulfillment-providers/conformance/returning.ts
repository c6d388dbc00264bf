import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { ReturnLabelRequest } from '../../../domain/orders/fulfillment-provider.ts';
import { waitFor } from '../../support/wait-for.ts';
import { ADDRESS, LOCATION, providerError, type Bench } from './target.ts';

export function returning(bench: Bench): void {
  const ask = (): ReturnLabelRequest => {
    const returnId = `ret_${randomUUID()}`;
    return {
      key: `${returnId}/label`,
      returnId,
      orderNumber: 'D-1001',
      lines: [{ sku: 'MUG', title: 'Mug', quantity: 1 }],
      from: ADDRESS,
      to: LOCATION,
    };
  };

  it('sells one label for what a customer sends back, however often it is asked', async (t) => {
    const { provider, parcels, dropAnswers } = bench.target();
    if (!provider.returnLabel) return t.skip('sells none');
    const asked = ask();
    await dropAnswers('request', 1);
    await assert.rejects(provider.returnLabel(asked), providerError('ambiguous'));
    const label = await provider.returnLabel(asked);
    assert.deepEqual(await provider.returnLabel(asked), label);
    assert.ok(label.trackingNumber !== '' && label.carrier !== '');
    for (const url of [label.labelUrl, label.trackingUrl]) assert.equal((await fetch(url)).status, 200);
    assert.equal(await parcels(asked.returnId), 1);
  });

  it('follows the way back, and tells it as that of a return', async (t) => {
    const { provider, webhooks, move } = bench.target();
    if (!provider.returnLabel) return t.skip('sells none');
    const asked = ask();
    const { ref } = await provider.returnLabel(asked);
    await move(ref, 'in_transit');
    assert.equal((await provider.retrieve(ref)).state, 'in_transit');
    const event = await waitFor(
      async () => {
        const events = await Promise.all(webhooks().map(({ rawBody, headers }) => provider.parseWebhook(rawBody, headers)));
        return events.find((candidate) => candidate.ref === ref && candidate.state === 'in_transit');
      },
      { what: 'the webhook of the return', everyMs: 10 },
    );
    assert.deepEqual(event.subject, { kind: 'return', id: asked.returnId });
  });

  it('takes a label back that nobody used', async (t) => {
    const { provider } = bench.target();
    if (!provider.returnLabel) return t.skip('sells none');
    const asked = ask();
    const { ref } = await provider.returnLabel(asked);
    assert.equal((await provider.cancel({ key: `${asked.returnId}/cancel`, ref })).state, 'canceled');
  });
}
