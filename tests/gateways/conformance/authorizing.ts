import assert from 'node:assert/strict';
import { it } from 'node:test';
import { AMOUNT, assertConsistent, gatewayError, openAmount, resolveMethod, type Bench } from './target.ts';

export function authorizing(bench: Bench): void {
  it('holds the money of a manual capture and takes none', async () => {
    const { asked, payment } = await bench.open();
    assert.ok(payment.state === 'authorized' || payment.state === 'deferred', payment.state);
    assert.deepEqual([payment.amount, payment.currency, payment.captured, payment.refunded], [AMOUNT, 'EUR', 0, 0]);
    assert.deepEqual(payment.captures, []);
    assertConsistent(payment);
    assert.deepEqual(await bench.target().ledger(asked.reference.paymentId), { payments: 1, captured: 0, refunded: 0 });
  });

  it('takes the money of an automatic capture', async () => {
    const { asked, payment } = await bench.paid();
    assert.deepEqual([payment.captured, payment.capturable, payment.currency], [AMOUNT, 0, 'EUR']);
    assert.ok(payment.captures.length > 0);
    assertConsistent(payment);
    assert.deepEqual(await bench.target().ledger(asked.reference.paymentId), { payments: 1, captured: AMOUNT, refunded: 0 });
  });

  it('reads back what it answered, with our reference', async () => {
    for (const { asked, payment } of [await bench.open(), await bench.paid()]) {
      const readBack = await bench.target().gateway.retrieve(payment.gatewayRef);
      assert.deepEqual(
        [readBack.state, readBack.amount, readBack.currency, readBack.capturable, readBack.captures],
        [payment.state, payment.amount, payment.currency, payment.capturable, payment.captures],
      );
      assert.deepEqual(readBack.reference, asked.reference);
      assertConsistent(readBack);
    }
  });

  it('makes one payment of one key, however often it is asked', async () => {
    const { gateway, ledger } = bench.target();
    const asked = await bench.request({ captureMethod: 'automatic' });
    const first = await gateway.authorize(asked);
    const [second, third] = await Promise.all([
      gateway.authorize(asked).catch(gatewayError('limited')),
      gateway.authorize(asked).catch(gatewayError('limited')),
    ]);
    for (const again of [second, third]) {
      if (typeof again === 'object') assert.equal(again.gatewayRef, first.gatewayRef);
    }
    assert.equal((await gateway.authorize(asked)).gatewayRef, first.gatewayRef);
    const truth = await ledger(asked.reference.paymentId);
    assert.equal(truth.payments, 1);
    assert.equal(truth.captured, first.captured);
  });

  it('keeps every amount exact', async () => {
    for (const amount of bench.target().amounts ?? [1, 10, 99, 100, 101, 1_005, 123_456_789]) {
      const { asked, payment } = await bench.paid({ amount });
      assert.equal(payment.amount, amount);
      assert.equal((await bench.target().ledger(asked.reference.paymentId)).captured, amount);
    }
  });

  it('keeps amounts of a currency without minor units exact', async (t) => {
    const { zeroDecimal, gateway, ledger } = bench.target();
    if (zeroDecimal === undefined) return t.skip('takes no such currency');
    const { asked, payment } = await bench.paid({ amount: 1_235, currency: zeroDecimal });
    assert.deepEqual([payment.amount, payment.captured, payment.currency], [1_235, 1_235, zeroDecimal]);
    const [capture] = payment.captures;
    assert.ok(capture);
    const { gatewayRef } = payment;
    const refund = await gateway.refund({
      key: `${asked.key}/r`,
      gatewayRef,
      captureRef: capture.ref,
      amount: 235,
      currency: zeroDecimal,
    });
    assert.equal(refund.amount, 235);
    assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured: 1_235, refunded: 235 });
  });

  it('tells a decline as a value', async (t) => {
    const { methods, ledger } = bench.target();
    if (methods.declines === undefined) return t.skip('declines nothing');
    const asked = await bench.request({ paymentMethod: await resolveMethod(methods.declines), captureMethod: 'automatic' });
    const payment = await bench.pay(asked);
    assert.ok(payment.decline, 'a declined payment has its decline');
    assert.ok(payment.decline.code && payment.decline.message);
    assert.equal(typeof payment.decline.retryable, 'boolean');
    assert.equal(payment.state, 'failed');
    assertConsistent(payment);
    assert.equal((await ledger(asked.reference.paymentId)).captured, 0);
  });

  it('goes on after the customer has approved', async (t) => {
    const { methods, approve, gateway, ledger } = bench.target();
    if (methods.needsAction === undefined || !approve) return t.skip('asks no customer');
    for (const captureMethod of ['manual', 'automatic'] as const) {
      const asked = await bench.request({ paymentMethod: await resolveMethod(methods.needsAction), captureMethod });
      const waiting = await gateway.authorize(asked);
      assert.equal(waiting.state, 'requires_action');
      assert.ok(waiting.action?.url ?? waiting.action?.clientSecret, 'says where the customer is sent');
      assertConsistent(waiting);
      await approve(waiting, 'complete');
      const { gatewayRef } = waiting;
      const finished = await gateway.retrieve(gatewayRef);
      const completion = { key: `${asked.key}/complete`, gatewayRef, captureMethod };
      if (finished.state === 'approved') assert.equal((await ledger(asked.reference.paymentId)).captured, 0);
      // The first completion may have got no answer: it is repeated with its key.
      const done = finished.state === 'approved' ? await gateway.complete(completion) : finished;
      assert.equal((await gateway.complete(completion)).state, done.state);
      assertConsistent(done);
      assert.deepEqual([done.captured, openAmount(done)], captureMethod === 'automatic' ? [AMOUNT, 0] : [0, AMOUNT]);
      const captured = captureMethod === 'automatic' ? AMOUNT : 0;
      assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured, refunded: 0 });
    }
  });

  it('takes nothing when the customer has failed or gone, and can be ended', async (t) => {
    const { methods, approve, gateway, ledger } = bench.target();
    if (methods.needsAction === undefined || !approve) return t.skip('asks no customer');
    const asked = await bench.request({ paymentMethod: await resolveMethod(methods.needsAction) });
    const waiting = await gateway.authorize(asked);
    await approve(waiting, 'fail');
    const { gatewayRef } = waiting;
    const failed = await gateway.retrieve(gatewayRef);
    assert.ok(['failed', 'canceled', 'requires_action'].includes(failed.state), failed.state);
    const ended = await gateway.void({ key: `${asked.key}/void`, gatewayRef });
    assert.ok(['failed', 'canceled'].includes(ended.state), ended.state);
    assert.equal((await ledger(asked.reference.paymentId)).captured, 0);
  });

  it('ends a payment that the customer has not finished', async (t) => {
    const { methods, gateway } = bench.target();
    if (methods.needsAction === undefined) return t.skip('asks no customer');
    const asked = await bench.request({ paymentMethod: await resolveMethod(methods.needsAction) });
    const { gatewayRef } = await gateway.authorize(asked);
    assert.equal((await gateway.void({ key: `${asked.key}/void/1`, gatewayRef })).state, 'canceled');
    assert.equal((await gateway.void({ key: `${asked.key}/void/2`, gatewayRef })).state, 'canceled');
  });

  it('renews an authorization', async (t) => {
    const { gateway, letRenew, ledger } = bench.target();
    if (!gateway.reauthorize || !letRenew) return t.skip('renews nothing');
    const { customerRef } =
      (await gateway.vault?.createCustomer({ key: `renewing-${Date.now()}`, customerId: 'cust_renewing' })) ?? {};
    const saving = customerRef === undefined ? {} : { customerRef, saveMethod: true };
    const { asked, payment } = await bench.open(saving);
    await letRenew(payment);
    const renewed = await gateway.reauthorize({ ...asked, key: `${asked.key}/renew`, gatewayRef: payment.gatewayRef });
    assert.equal(renewed.state, 'authorized');
    assert.equal(renewed.capturable, AMOUNT);
    assertConsistent(renewed);
    if (renewed.gatewayRef !== payment.gatewayRef)
      await gateway.void({ key: `${asked.key}/old`, gatewayRef: payment.gatewayRef });
    const { gatewayRef, currency } = renewed;
    const captured = await gateway.capture({ key: `${asked.key}/capture`, gatewayRef, amount: AMOUNT, currency, final: true });
    assert.equal(captured.state, 'captured');
    assert.equal((await ledger(asked.reference.paymentId)).captured, AMOUNT);
  });

  it('refuses what it does not know', async () => {
    const { gateway } = bench.target();
    await assert.rejects(gateway.retrieve('unknown_payment'), gatewayError('rejected'));
    const unknown = { key: 'unknown', gatewayRef: 'unknown_payment', amount: 1, currency: 'EUR' };
    await assert.rejects(gateway.capture({ ...unknown, final: true }), gatewayError('rejected'));
    await assert.rejects(gateway.refund({ ...unknown, captureRef: 'unknown_capture' }), gatewayError('rejected'));
    await assert.rejects(gateway.void({ key: 'unknown', gatewayRef: 'unknown_payment' }), gatewayError('rejected'));
  });
}
