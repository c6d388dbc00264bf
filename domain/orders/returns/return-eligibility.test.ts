import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { returnEligibility, type ReturnableLine, type ReturnableOrder } from './return-eligibility.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const LINE: ReturnableLine = { id: 'oli_1', quantity: 5, shippedQuantity: 4, deliveredQuantity: 3, refundedQuantity: 0, returningQuantity: 0, acceptedQuantity: 0, excluded: false };
const ORDER: ReturnableOrder = { status: 'placed', deliveredAt: null, windowDays: 30 };
const of = (order: Partial<ReturnableOrder>, line: Partial<ReturnableLine> = {}, more: { claim?: boolean; byOperator?: boolean } = {}) =>
  returnEligibility({ ...ORDER, ...order }, { ...LINE, ...line }, { now: NOW, ...more });

describe('what can be sent back', () => {
  it('is what has arrived; what has left can be claimed', () => {
    assert.deepEqual(of({}), { units: 3 });
    assert.deepEqual(of({}, {}, { claim: true }), { units: 4 });
    assert.deepEqual(of({}, { deliveredQuantity: 0 }), { units: 0, refusal: 'not_delivered' });
  });

  it('is without what is being returned, was returned or refunded', () => {
    assert.deepEqual(of({}, { returningQuantity: 1, acceptedQuantity: 1, refundedQuantity: 1 }), { units: 1 });
    assert.deepEqual(of({}, { refundedQuantity: 4 }), { units: 1 });
    assert.deepEqual(of({}, { returningQuantity: 3 }), { units: 0, refusal: 'nothing_left' });
  });

  it('is nothing after the window, which counts from the last delivery, except for an operator', () => {
    const deliveredAt = new Date(NOW.getTime() - 30 * 86_400_000);
    assert.deepEqual(of({ deliveredAt }), { units: 0, refusal: 'window_over' });
    assert.deepEqual(of({ deliveredAt: new Date(deliveredAt.getTime() + 1) }), { units: 3 });
    assert.deepEqual(of({ deliveredAt }, {}, { byOperator: true }), { units: 4 });
    assert.deepEqual(of({ windowDays: 0 }), { units: 0, refusal: 'window_over' });
  });

  it('is nothing of what the policy excludes, unless something was wrong with it', () => {
    assert.deepEqual(of({}, { excluded: true }), { units: 0, refusal: 'not_returnable' });
    assert.deepEqual(of({}, { excluded: true }, { claim: true }), { units: 4 });
    assert.deepEqual(of({ status: 'canceled' }, {}, { byOperator: true }), { units: 0, refusal: 'order_canceled' });
  });

  it('is never more than has left the house and is not spoken for', () => {
    const line = fc
      .tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9))
      .map(([quantity, shipped, delivered, refunded, returningQuantity, acceptedQuantity]) => {
        const shippedQuantity = Math.min(shipped, quantity);
        const deliveredQuantity = Math.min(delivered, shippedQuantity);
        return { ...LINE, quantity, shippedQuantity, deliveredQuantity, refundedQuantity: Math.min(refunded, quantity), returningQuantity, acceptedQuantity };
      });
    fc.assert(
      fc.property(line, fc.boolean(), fc.boolean(), (each, claim, byOperator) => {
        const { units, refusal } = returnEligibility(ORDER, each, { now: NOW, claim, byOperator });
        assert.equal(units === 0, refusal !== undefined);
        assert.ok(units >= 0);
        if (units > 0) assert.ok(units + each.returningQuantity + each.acceptedQuantity <= each.shippedQuantity && units + each.refundedQuantity + each.returningQuantity <= each.quantity);
      }),
    );
  });
});
