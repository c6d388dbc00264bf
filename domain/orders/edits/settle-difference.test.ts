import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settleDifference, type OrderMoney } from './settle-difference.ts';

const payment = (status: 'authorized' | 'captured' | 'canceled', amount: number, captured: number, refunded = 0) => ({ status, amount, captured, refunded, refundPending: 0, credited: 0 });
const part = (amount: number) => ({ number: 1, paymentId: 'pay_1', captureRef: 'ch_1', amount, status: 'succeeded' as const, attempt: 1, gatewayRef: null, failure: null });
const money = (payments: OrderMoney['payments'], more: Partial<OrderMoney> = {}): OrderMoney => ({ payments, refunds: [], earlier: { refundedValue: 0, credit: 0 }, ...more });
const nothing = { refundDue: 0, collectDue: 0 };

describe('the difference of an edit', () => {
  it('of a paid order is refunded or collected', () => {
    const paid = money([payment('captured', 100, 100)]);
    assert.deepEqual(settleDifference(paid, { total: 70, difference: -30, refundedValue: 0 }), { refundDue: 30, collectDue: 0 });
    assert.deepEqual(settleDifference(paid, { total: 120, difference: 20, refundedValue: 0 }), { refundDue: 0, collectDue: 20 });
    assert.deepEqual(settleDifference(paid, { total: 100, difference: 0, refundedValue: 0 }), nothing);
  });

  it('of an authorized order is left to the capture, and an authorization that is too large gives first', () => {
    const authorized = money([payment('authorized', 100, 0)]);
    assert.deepEqual(settleDifference(authorized, { total: 70, difference: -30, refundedValue: 0 }), nothing);
    assert.deepEqual(settleDifference(authorized, { total: 95, difference: 25, refundedValue: 0 }), nothing);
    assert.deepEqual(settleDifference(authorized, { total: 110, difference: 40, refundedValue: 0 }), { refundDue: 0, collectDue: 10 });
    const partly = money([payment('authorized', 100, 60)]);
    assert.deepEqual(settleDifference(partly, { total: 50, difference: -50, refundedValue: 0 }), { refundDue: 10, collectDue: 0 });
  });

  it('does not give back twice what was refunded for units that are taken out', () => {
    const refunded = money([payment('captured', 100, 100, 25)], { refunds: [{ source: 'operator', parts: [part(25)] }] });
    assert.deepEqual(settleDifference(refunded, { total: 75, difference: -25, refundedValue: 25 }), nothing);
    assert.deepEqual(settleDifference(refunded, { total: 50, difference: -50, refundedValue: 25 }), { refundDue: 25, collectDue: 0 });
    // Goodwill stays goodwill.
    assert.deepEqual(settleDifference(refunded, { total: 110, difference: 10, refundedValue: 0 }), { refundDue: 0, collectDue: 10 });
  });

  it('is reckoned over several edits', () => {
    const after = money([payment('captured', 100, 100, 55)], {
      refunds: [
        { source: 'operator', parts: [part(25)] },
        { source: 'edit', parts: [part(30)] },
      ],
      earlier: { refundedValue: 25, credit: 0 },
    });
    assert.deepEqual(settleDifference(after, { total: 65, difference: 20, refundedValue: 0 }), { refundDue: 0, collectDue: 20 });
    assert.deepEqual(settleDifference(after, { total: 25, difference: -20, refundedValue: 0 }), { refundDue: 20, collectDue: 0 });
  });

  it('is paid by a credit first', () => {
    const paid = money([payment('captured', 100, 100)]);
    assert.deepEqual(settleDifference(paid, { total: 150, difference: 50, refundedValue: 0, credit: 50 }), nothing);
    assert.deepEqual(settleDifference(paid, { total: 150, difference: 50, refundedValue: 0, credit: 30 }), { refundDue: 0, collectDue: 20 });
    assert.deepEqual(settleDifference(paid, { total: 150, difference: 50, refundedValue: 0, credit: 60 }), { refundDue: 10, collectDue: 0 });
    const exchanged = money([payment('captured', 100, 100)], { earlier: { refundedValue: 0, credit: 50 } });
    assert.deepEqual(settleDifference(exchanged, { total: 160, difference: 10, refundedValue: 0 }), { refundDue: 0, collectDue: 10 });
  });

  it('takes an unpaid balance of an earlier edit over', () => {
    const paid = money([payment('captured', 100, 100), payment('canceled', 40, 0)]);
    assert.deepEqual(settleDifference(paid, { total: 130, difference: -10, refundedValue: 0, supersedes: true }), { refundDue: 0, collectDue: 30 });
    assert.deepEqual(settleDifference(paid, { total: 80, difference: -60, refundedValue: 0, supersedes: true }), { refundDue: 20, collectDue: 0 });
  });
});
