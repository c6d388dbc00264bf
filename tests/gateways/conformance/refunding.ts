import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GatewayPayment, GatewayRefund, RefundRequest } from '../../../domain/payments/gateway.ts';
import { AMOUNT, assertConsistent, gatewayError, type Bench } from './target.ts';

function refundOf(payment: GatewayPayment, key: string, amount: number, index = 0): RefundRequest {
  const capture = payment.captures[index];
  assert.ok(capture, `the payment has a capture ${index}`);
  const { gatewayRef, currency } = payment;
  return { key, gatewayRef, captureRef: capture.ref, amount, currency, reason: 'The parcel was lost' };
}

const assertUnderway = (refund: GatewayRefund): void => assert.notEqual(refund.state, 'failed', refund.failureReason);

export function refunding(bench: Bench): void {
  it('refunds all of it', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.paid();
    const refund = await gateway.refund(refundOf(payment, `${asked.key}/refund`, AMOUNT));
    assertUnderway(refund);
    assert.equal(refund.amount, AMOUNT);
    assert.ok(refund.gatewayRef);
    const refunded = await gateway.retrieve(payment.gatewayRef);
    assert.deepEqual([refunded.state, refunded.captured, refunded.refunded], ['captured', AMOUNT, AMOUNT]);
    assertConsistent(refunded);
    assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured: AMOUNT, refunded: AMOUNT });
  });

  it('refunds once with one key, however often it is asked', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.paid();
    const request = refundOf(payment, `${asked.key}/refund`, 1_000);
    const first = await gateway.refund(request);
    assert.deepEqual(await gateway.refund(request), first);
    assert.deepEqual(await gateway.refund(request), first);
    assert.equal((await ledger(asked.reference.paymentId)).refunded, 1_000);
  });

  it('refunds in parts up to what was captured, and not beyond', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.paid();
    const refs = new Set<string>();
    for (const [number, amount] of [10_000, 2_000, 345].entries()) {
      const refund = await gateway.refund(refundOf(payment, `${asked.key}/refund/${number}`, amount));
      assertUnderway(refund);
      refs.add(refund.gatewayRef);
      assertConsistent(await gateway.retrieve(payment.gatewayRef));
    }
    assert.equal(refs.size, 3, 'each refund has an id of its own');
    await assert.rejects(gateway.refund(refundOf(payment, `${asked.key}/refund/beyond`, 1)), gatewayError('rejected'));
    assert.equal((await gateway.retrieve(payment.gatewayRef)).refunded, AMOUNT);
    assert.equal((await ledger(asked.reference.paymentId)).refunded, AMOUNT);
  });

  it('refuses a refund of more than is left', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.paid();
    await gateway.refund(refundOf(payment, `${asked.key}/refund/1`, 10_000));
    await assert.rejects(gateway.refund(refundOf(payment, `${asked.key}/refund/2`, 2_346)), gatewayError('rejected'));
    assert.equal((await ledger(asked.reference.paymentId)).refunded, 10_000);
  });

  it('refunds a payment of several captures, capture by capture', async (t) => {
    const { gateway, ledger } = bench.target();
    if (!gateway.multipleCaptures) return t.skip('captures once');
    const { asked, payment } = await bench.open();
    const { gatewayRef } = payment;
    await gateway.capture({ key: `${asked.key}/capture/1`, gatewayRef, amount: 5_000, currency: 'EUR', final: false });
    await gateway.capture({ key: `${asked.key}/capture/2`, gatewayRef, amount: 7_000, currency: 'EUR', final: true });
    const captured = await gateway.retrieve(gatewayRef);
    for (const [index, capture] of captured.captures.entries()) {
      const beyond = refundOf(captured, `${asked.key}/beyond/${index}`, capture.amount + 1, index);
      await assert.rejects(gateway.refund(beyond), gatewayError('rejected'));
      assertUnderway(await gateway.refund(refundOf(captured, `${asked.key}/refund/${index}`, capture.amount, index)));
      const after = await gateway.retrieve(gatewayRef);
      assertConsistent(after);
      assert.equal(after.captures.find(({ ref }) => ref === capture.ref)?.refunded, capture.amount);
    }
    assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured: 12_000, refunded: 12_000 });
  });

  it('finds a refund by its key, and none that was never made', async () => {
    const { gateway } = bench.target();
    const { asked, payment } = await bench.paid();
    assert.equal(await gateway.findRefund(payment.gatewayRef, `${asked.key}/refund/2`), undefined);
    await gateway.refund(refundOf(payment, `${asked.key}/refund/1`, 1));
    const second = await gateway.refund(refundOf(payment, `${asked.key}/refund/2`, 2));
    assert.deepEqual(await gateway.findRefund(payment.gatewayRef, `${asked.key}/refund/2`), second);
  });

  it('refunds nothing of what was not captured', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.open();
    const { gatewayRef } = payment;
    const request = { key: `${asked.key}/refund`, gatewayRef, captureRef: gatewayRef, amount: 1, currency: 'EUR' };
    await assert.rejects(gateway.refund(request), gatewayError('rejected'));
    assert.equal((await ledger(asked.reference.paymentId)).refunded, 0);
  });
}
