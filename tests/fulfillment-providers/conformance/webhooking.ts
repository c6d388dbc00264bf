import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ProviderEvent } from '../../../domain/orders/fulfillment-provider.ts';
import { DomainError } from '../../../domain/shared/errors.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Bench, WebhookDelivery } from './target.ts';

const unauthenticated = (error: unknown): boolean => {
  assert.ok(error instanceof DomainError, `a DomainError, not ${String(error)}`);
  assert.equal(error.code, 'UNAUTHENTICATED');
  return true;
};

const MINUTE_MS = 60_000;

export function webhooking(bench: Bench): void {
  /** The first delivery about the parcel in this state. */
  async function delivered(ref: string, state: string): Promise<{ event: ProviderEvent; delivery: WebhookDelivery }> {
    const { provider, webhooks } = bench.target();
    return waitFor(
      async () => {
        for (const delivery of webhooks()) {
          const event = await provider.parseWebhook(delivery.rawBody, delivery.headers);
          if (event.ref === ref && event.state === state) return { event, delivery };
        }
        return undefined;
      },
      { what: `the webhook that ${ref} is ${state}`, everyMs: 10 },
    );
  }

  it('tells every step, each by an event of its own', async () => {
    const { way, move } = bench.target();
    const { asked, parcel } = await bench.accepted();
    const ids = new Set<string>();
    for (const state of way) {
      await move(parcel.ref, state);
      const { event } = await delivered(parcel.ref, state);
      assert.deepEqual(event.subject, { kind: 'fulfillment', id: asked.fulfillmentId });
      assert.ok(Math.abs(Date.now() - event.occurredAt.getTime()) < MINUTE_MS);
      ids.add(event.id);
    }
    assert.equal(ids.size, way.length);
  });

  it('refuses what nobody signed', async () => {
    const { provider } = bench.target();
    const rawBody = Buffer.from(JSON.stringify({ id: 'evt_forged' }));
    for (const header of [undefined, '', 't=1', 'v1=00', `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`]) {
      await assert.rejects(provider.parseWebhook(rawBody, { 'shipping-signature': header }), unauthenticated);
    }
  });

  it('refuses what was altered', async () => {
    const { provider } = bench.target();
    const { parcel } = await bench.accepted();
    const { delivery } = await delivered(parcel.ref, 'accepted');
    const altered = Buffer.from(Buffer.from(delivery.rawBody).toString('utf8').replace(parcel.ref, 'somebody_elses'));
    assert.notDeepEqual(altered, Buffer.from(delivery.rawBody));
    await assert.rejects(provider.parseWebhook(altered, delivery.headers), unauthenticated);
    await assert.rejects(provider.parseWebhook(delivery.rawBody, {}), unauthenticated);
  });

  it('reads a delivery that comes again alike, and refuses one that is played back later', async () => {
    const { at } = bench.target();
    const { parcel } = await bench.accepted();
    const { delivery, event } = await delivered(parcel.ref, 'accepted');
    const after = (minutes: number) =>
      at(new Date(Date.now() + minutes * MINUTE_MS)).parseWebhook(delivery.rawBody, delivery.headers);
    assert.deepEqual(await after(4), event);
    await assert.rejects(after(6), unauthenticated);
    await assert.rejects(after(-6), unauthenticated);
  });
}
