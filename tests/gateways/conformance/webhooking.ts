import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GatewayEvent } from '../../../domain/payments/gateway.ts';
import { DomainError } from '../../../domain/shared/errors.ts';
import { waitFor } from '../../support/wait-for.ts';
import { AMOUNT, type Bench, type WebhookDelivery } from './target.ts';

const unauthenticated = (error: unknown): boolean => {
  assert.ok(error instanceof DomainError, `a DomainError, not ${String(error)}`);
  assert.equal(error.code, 'UNAUTHENTICATED');
  return true;
};

export function webhooking(bench: Bench): void {
  it('refuses what nobody signed', async () => {
    const { gateway } = bench.target();
    const rawBody = Buffer.from(JSON.stringify({ id: 'evt_forged', type: 'payment.captured' }));
    await assert.rejects(gateway.parseWebhook(rawBody, {}), unauthenticated);
    await assert.rejects(gateway.parseWebhook(Buffer.from('no JSON'), {}), unauthenticated);
  });

  it('reads what is signed, and refuses it altered', async (t) => {
    const { gateway, webhooks } = bench.target();
    if (!webhooks) return t.skip('sends none');
    const { asked, payment } = await bench.open();
    const { gatewayRef, currency } = payment;
    const captured = await gateway.capture({ key: `${asked.key}/capture`, gatewayRef, amount: AMOUNT, currency, final: true });
    const captureRef = captured.captures[0]?.ref ?? '';
    await gateway.refund({ key: `${asked.key}/refund`, gatewayRef, captureRef, amount: 345, currency });

    const read: { event: GatewayEvent; delivery: WebhookDelivery }[] = [];
    let seen = 0;
    await waitFor(
      async () => {
        const deliveries = await webhooks();
        for (; seen < deliveries.length; seen++) {
          const delivery = deliveries[seen];
          if (delivery) read.push({ delivery, event: await gateway.parseWebhook(delivery.rawBody, delivery.headers) });
        }
        const ours = read.filter(({ event }) => event.gatewayRef === gatewayRef);
        return (
          ours.some(({ event }) => event.paymentState === 'captured') && ours.some(({ event }) => event.subject === 'refund')
        );
      },
      { what: 'the webhooks of the capture and the refund', everyMs: 20 },
    );
    const ours = read.filter(({ event }) => event.gatewayRef === gatewayRef);
    assert.equal(new Set(ours.map(({ event }) => event.id)).size, ours.length, 'each event has an id of its own');
    const told = ours.find(({ event }) => event.paymentState === 'captured');
    assert.ok(told);
    assert.equal(told.event.subject, 'payment');
    assert.deepEqual(told.event.reference, asked.reference);
    assert.ok(Math.abs(Date.now() - told.event.occurredAt.getTime()) < 60_000);

    const { rawBody, headers } = told.delivery;
    const again = await gateway.parseWebhook(rawBody, headers);
    assert.deepEqual(again, told.event);
    const altered = Buffer.from(Buffer.from(rawBody).toString('utf8').replace(gatewayRef, 'somebody_elses'));
    assert.notDeepEqual(altered, Buffer.from(rawBody));
    await assert.rejects(gateway.parseWebhook(altered, headers), unauthenticated);
    await assert.rejects(gateway.parseWebhook(rawBody, {}), unauthenticated);
  });
}
