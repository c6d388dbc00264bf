import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { AMOUNT, gatewayError, resolveMethod, type Bench, type GatewayCall } from './target.ts';

export function losingAnswers(bench: Bench): void {
  /** The ways in which an answer can be lost here. */
  const faults = (): [string, (call: GatewayCall, times: number) => Promise<void>][] => {
    const { dropAnswers, hangAnswers } = bench.target();
    return [
      ...(dropAnswers ? [['dropped', dropAnswers] as const] : []),
      ...(hangAnswers ? [['hung', hangAnswers] as const] : []),
    ].map(([name, lose]) => [name, lose]);
  };

  afterEach(() => bench.target().clearFaults?.());

  it('of authorize: ambiguous, and the payment is found or its key answers with it', async (t) => {
    const { gateway, ledger } = bench.target();
    if (faults().length === 0) return t.skip('loses no answers');
    for (const [, lose] of faults()) {
      const since = new Date();
      const asked = await bench.request();
      await lose('authorize', 1);
      await assert.rejects(gateway.authorize(asked), gatewayError('ambiguous'));
      const found = await gateway.findByReference(asked.reference.paymentId, since);
      const repeated = await gateway.authorize(asked);
      if (found) assert.equal(found.gatewayRef, repeated.gatewayRef);
      assert.deepEqual(repeated.reference, asked.reference);
      assert.equal((await ledger(asked.reference.paymentId)).payments, 1);
    }
  });

  it('of complete: the payment tells, and its key takes the money once', async (t) => {
    const { gateway, methods, approve, ledger } = bench.target();
    if (faults().length === 0 || methods.needsAction === undefined || !approve) return t.skip('asks no customer');
    const asked = await bench.request({ paymentMethod: await resolveMethod(methods.needsAction), captureMethod: 'automatic' });
    const { gatewayRef } = await gateway.authorize(asked);
    await approve(await gateway.retrieve(gatewayRef), 'complete');
    if ((await gateway.retrieve(gatewayRef)).state !== 'approved') return t.skip('completes by itself');
    const completion = { key: `${asked.key}/complete`, gatewayRef, captureMethod: 'automatic' } as const;
    for (const [, lose] of faults().slice(0, 1)) {
      await lose('capture', 1);
      await assert.rejects(gateway.complete(completion), gatewayError('ambiguous'));
    }
    assert.equal((await gateway.retrieve(gatewayRef)).captured, AMOUNT);
    assert.equal((await gateway.complete(completion)).captured, AMOUNT);
    assert.equal((await ledger(asked.reference.paymentId)).captured, AMOUNT);
  });

  it('of capture: ambiguous, and reading back and the key agree on one', async (t) => {
    const { gateway, ledger } = bench.target();
    if (faults().length === 0) return t.skip('loses no answers');
    for (const [, lose] of faults()) {
      const { asked, payment } = await bench.open();
      const { gatewayRef } = payment;
      const capture = { key: `${asked.key}/capture`, gatewayRef, amount: 5_000, currency: 'EUR', final: true };
      await lose('capture', 1);
      await assert.rejects(gateway.capture(capture), gatewayError('ambiguous'));
      assert.equal((await gateway.retrieve(gatewayRef)).captured, 5_000);
      assert.equal((await gateway.capture(capture)).captured, 5_000);
      assert.equal((await ledger(asked.reference.paymentId)).captured, 5_000);
    }
  });

  it('of refund: ambiguous, and it is found by its key', async (t) => {
    const { gateway, ledger } = bench.target();
    if (faults().length === 0) return t.skip('loses no answers');
    for (const [, lose] of faults()) {
      const { asked, payment } = await bench.paid();
      const { gatewayRef, captures } = payment;
      const [capture] = captures;
      assert.ok(capture);
      const refund = { key: `${asked.key}/refund`, gatewayRef, captureRef: capture.ref, amount: 1_000, currency: 'EUR' };
      await lose('refund', 1);
      await assert.rejects(gateway.refund(refund), gatewayError('ambiguous'));
      const found = await gateway.findRefund(gatewayRef, refund.key);
      assert.equal(found?.amount, 1_000);
      assert.deepEqual(await gateway.refund(refund), found);
      assert.equal((await ledger(asked.reference.paymentId)).refunded, 1_000);
    }
  });

  it('of void: ambiguous, and it is released', async (t) => {
    const { gateway } = bench.target();
    if (faults().length === 0) return t.skip('loses no answers');
    for (const [, lose] of faults()) {
      const { asked, payment } = await bench.open();
      const { gatewayRef } = payment;
      await lose('void', 1);
      await assert.rejects(gateway.void({ key: `${asked.key}/void`, gatewayRef }), gatewayError('ambiguous'));
      assert.equal((await gateway.retrieve(gatewayRef)).state, 'canceled');
      assert.equal((await gateway.void({ key: `${asked.key}/void`, gatewayRef })).state, 'canceled');
    }
  });

  it('never moves money twice when many are lost and the caller repeats', async (t) => {
    const { gateway, ledger, dropAnswers } = bench.target();
    if (!dropAnswers) return t.skip('loses no answers');
    const insist = async <T>(call: () => Promise<T>): Promise<T> => {
      for (let attempt = 0; attempt < 20; attempt++) {
        try {
          return await call();
        } catch (error) {
          gatewayError('ambiguous')(error);
        }
      }
      throw new Error('There was never an answer');
    };
    for (let n = 0; n < 5; n++) {
      const { asked, payment } = await bench.open();
      const { gatewayRef } = payment;
      await dropAnswers('capture', 3);
      await dropAnswers('refund', 2);
      const capture = { key: `${asked.key}/capture`, gatewayRef, amount: AMOUNT, currency: 'EUR', final: true };
      const captured = await insist(() => gateway.capture(capture));
      const captureRef = captured.captures[0]?.ref ?? '';
      await insist(() => gateway.refund({ key: `${asked.key}/refund`, gatewayRef, captureRef, amount: 345, currency: 'EUR' }));
      await bench.target().clearFaults?.();
      assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured: AMOUNT, refunded: 345 });
    }
  });
}
