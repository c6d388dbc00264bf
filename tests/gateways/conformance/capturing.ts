import assert from 'node:assert/strict';
import { it } from 'node:test';
import { AMOUNT, assertConsistent, gatewayError, openAmount, type Bench } from './target.ts';

export function capturing(bench: Bench): void {
  it('captures all of it once, however often it is asked', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.open();
    const capture = { key: `${asked.key}/capture`, gatewayRef: payment.gatewayRef, amount: AMOUNT, currency: 'EUR', final: true };
    const captured = await gateway.capture(capture);
    assert.deepEqual([captured.state, captured.captured, captured.capturable], ['captured', AMOUNT, 0]);
    assertConsistent(captured);
    const again = await gateway.capture(capture);
    assert.deepEqual([again.state, again.captured, again.captures], [captured.state, captured.captured, captured.captures]);
    assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured: AMOUNT, refunded: 0 });
  });

  it('answers another capture of what is captured with its state', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.open();
    const capture = { gatewayRef: payment.gatewayRef, amount: AMOUNT, currency: 'EUR', final: true };
    await gateway.capture({ ...capture, key: `${asked.key}/capture/1` });
    const second = await gateway.capture({ ...capture, key: `${asked.key}/capture/2` });
    assert.deepEqual([second.state, second.captured], ['captured', AMOUNT]);
    assert.equal((await ledger(asked.reference.paymentId)).captured, AMOUNT);
  });

  it('releases the rest of a last capture', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.open();
    const { gatewayRef } = payment;
    const part = await gateway.capture({ key: `${asked.key}/capture`, gatewayRef, amount: 5_000, currency: 'EUR', final: true });
    assert.deepEqual([part.state, part.captured, part.capturable, part.refunded], ['captured', 5_000, 0, 0]);
    assertConsistent(part);
    assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured: 5_000, refunded: 0 });
  });

  it('captures in several parts', async (t) => {
    const { gateway, ledger } = bench.target();
    if (!gateway.multipleCaptures) return t.skip('captures once');
    const { asked, payment } = await bench.open();
    const { gatewayRef } = payment;
    let captured = 0;
    for (const [number, amount] of [5_000, 4_000, AMOUNT - 9_000].entries()) {
      captured += amount;
      const capture = { key: `${asked.key}/capture/${number}`, gatewayRef, amount, currency: 'EUR', final: captured === AMOUNT };
      const part = await gateway.capture(capture);
      assertConsistent(part);
      assert.deepEqual([part.captured, openAmount(part)], [captured, AMOUNT - captured]);
      assert.equal((await gateway.capture(capture)).captured, captured);
    }
    assert.equal((await gateway.retrieve(gatewayRef)).state, 'captured');
    assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured: AMOUNT, refunded: 0 });
  });

  it('captures no more than was authorized', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.open();
    const { gatewayRef } = payment;
    const beyond = { key: `${asked.key}/capture`, gatewayRef, amount: AMOUNT * 2, currency: 'EUR', final: true };
    await assert.rejects(gateway.capture(beyond), gatewayError('rejected'));
    assert.equal(openAmount(await gateway.retrieve(gatewayRef)), AMOUNT);
    assert.equal((await ledger(asked.reference.paymentId)).captured, 0);
  });

  it('releases an authorization, and again without harm', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.open();
    const { gatewayRef } = payment;
    for (const key of ['void/1', 'void/1', 'void/2']) {
      const voided = await gateway.void({ key: `${asked.key}/${key}`, gatewayRef });
      assert.deepEqual([voided.state, voided.capturable, voided.captured, voided.refunded], ['canceled', 0, 0, 0]);
    }
    assert.equal((await gateway.retrieve(gatewayRef)).state, 'canceled');
    assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured: 0, refunded: 0 });
  });

  it('captures nothing of what was released', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.open();
    const { gatewayRef } = payment;
    await gateway.void({ key: `${asked.key}/void`, gatewayRef });
    const late = await gateway.capture({ key: `${asked.key}/capture`, gatewayRef, amount: AMOUNT, currency: 'EUR', final: true });
    assert.deepEqual([late.state, late.captured], ['canceled', 0]);
    assert.equal((await ledger(asked.reference.paymentId)).captured, 0);
  });

  it('releases the rest of a partly captured payment', async (t) => {
    const { gateway, ledger } = bench.target();
    if (!gateway.multipleCaptures) return t.skip('captures once');
    const { asked, payment } = await bench.open();
    const { gatewayRef } = payment;
    await gateway.capture({ key: `${asked.key}/capture`, gatewayRef, amount: 5_000, currency: 'EUR', final: false });
    for (const key of ['void/1', 'void/2']) {
      const voided = await gateway.void({ key: `${asked.key}/${key}`, gatewayRef });
      assert.deepEqual([voided.state, voided.captured, voided.capturable, voided.refunded], ['captured', 5_000, 0, 0]);
      assertConsistent(voided);
    }
    assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured: 5_000, refunded: 0 });
  });

  it('takes back nothing by voiding what is captured', async () => {
    const { gateway, ledger } = bench.target();
    const { asked, payment } = await bench.paid();
    const voided = await gateway.void({ key: `${asked.key}/void`, gatewayRef: payment.gatewayRef });
    assert.deepEqual([voided.state, voided.captured, voided.refunded], ['captured', AMOUNT, 0]);
    assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured: AMOUNT, refunded: 0 });
  });
}
