import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GatewayPayment, PaymentGateway } from '../../../domain/payments/gateway.ts';
import type { GatewayMovement } from '../../../domain/payments/movement.ts';
import { AMOUNT, type Bench } from './target.ts';

/** Clocks differ, and some ledgers count in seconds. */
const SKEW_MS = 60_000;

/** Everything in the span, page by page; each cursor is read twice and must give the same page. */
async function walk(gateway: PaymentGateway, since: Date, until: Date): Promise<{ movements: GatewayMovement[]; pages: number }> {
  const movements: GatewayMovement[] = [];
  let pages = 0;
  for (let cursor: string | undefined, more = true; more; pages++) {
    const request = { since, until, ...(cursor === undefined ? {} : { cursor }) };
    const page = await gateway.movements(request);
    assert.deepEqual(await gateway.movements(request), page, 'a cursor gives the same page again');
    movements.push(...page.movements);
    assert.ok(page.next === undefined || page.next !== cursor, 'the cursor moves on');
    cursor = page.next;
    more = cursor !== undefined;
  }
  return { movements, pages };
}

/** Whether a line of the ledger says that it is of the payment. */
const isOf = (movement: GatewayMovement, payment: GatewayPayment, paymentId: string): boolean =>
  movement.gatewayRef === payment.gatewayRef ||
  movement.reference?.paymentId === paymentId ||
  payment.captures.some(({ ref }) => ref === movement.captureRef);

export function ledgering(bench: Bench): void {
  it('lists every capture and refund exactly once, and whose it is', async () => {
    const { gateway, ledgerPage = 2 } = bench.target();
    const since = new Date(Date.now() - SKEW_MS);
    const made: { payment: GatewayPayment; paymentId: string; refundKey: string; refundRef: string; refunded: number }[] = [];
    for (let n = 0; n < Math.ceil(ledgerPage / 2) + 2; n++) {
      const { asked, payment } = await bench.paid({ amount: AMOUNT + n });
      const captureRef = payment.captures[0]?.ref ?? '';
      const refundKey = `${asked.key}/refund`;
      const { gatewayRef, currency } = payment;
      const refund = await gateway.refund({ key: refundKey, gatewayRef, captureRef, amount: 100 + n, currency });
      const { paymentId } = asked.reference;
      made.push({ payment, paymentId, refundKey, refundRef: refund.gatewayRef, refunded: 100 + n });
    }
    const { movements, pages } = await walk(gateway, since, new Date(Date.now() + SKEW_MS));
    if (bench.target().ledgerPage !== undefined) assert.ok(pages > 1, 'the ledger has several pages');

    assert.equal(new Set(movements.map(({ kind, id }) => `${kind} ${id}`)).size, movements.length, 'no line comes twice');
    for (const movement of movements) {
      assert.ok(Number.isSafeInteger(movement.amount) && movement.amount >= 0, `amount of ${movement.kind} ${movement.id}`);
      assert.ok(movement.occurredAt >= since, `${movement.kind} ${movement.id} is of the span`);
    }
    for (const { payment, paymentId, refundKey, refundRef, refunded } of made) {
      const lines = movements.filter((movement) => isOf(movement, payment, paymentId));
      const captures = lines.filter(({ kind }) => kind === 'capture');
      assert.deepEqual(
        captures.map(({ amount, currency }) => [amount, currency]),
        [[payment.amount, payment.currency]],
      );
      const refunds = movements.filter(({ kind, key, id }) => kind === 'refund' && (key === refundKey || id === refundRef));
      assert.deepEqual(
        refunds.map(({ amount, currency }) => [amount, currency]),
        [[refunded, payment.currency]],
      );
    }
  });

  it('leaves out what is not of the span', async () => {
    const { gateway } = bench.target();
    await bench.paid();
    const { movements } = await walk(gateway, new Date(Date.now() - 3 * 86_400_000), new Date(Date.now() - 2 * 86_400_000));
    assert.deepEqual(movements, []);
  });

  it('reads spans of months', async () => {
    const { gateway } = bench.target();
    const { asked, payment } = await bench.paid();
    const { movements } = await walk(gateway, new Date(Date.now() - 80 * 86_400_000), new Date(Date.now() + SKEW_MS));
    const captures = movements.filter(
      (movement) => movement.kind === 'capture' && isOf(movement, payment, asked.reference.paymentId),
    );
    assert.equal(captures.length, 1);
  });

  it('refuses a cursor that is none', async () => {
    const span = { since: new Date(Date.now() - SKEW_MS), until: new Date() };
    await assert.rejects(bench.target().gateway.movements({ ...span, cursor: 'no cursor:' }));
  });
}
