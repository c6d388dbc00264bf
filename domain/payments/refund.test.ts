import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { planRefund, refundOfUnits, shippingPaid, spreadRefund, type RefundablePayment, type RefundableOrder } from './refund.ts';

const order: RefundableOrder = {
  total: 10_000,
  shippingRefunded: 0,
  lines: [
    { id: 'oli_1', quantity: 3, refundedQuantity: 0, total: 7_000 },
    { id: 'oli_2', quantity: 1, refundedQuantity: 0, total: 2_500 },
  ],
};
const card = (changes: Partial<RefundablePayment> = {}): RefundablePayment => ({
  id: 'pay_1',
  amount: 10_000,
  captured: 10_000,
  refunded: 0,
  refundPending: 0,
  credited: 0,
  captures: [{ ref: 'ch_1', amount: 10_000 }],
  refundedOf: {},
  ...changes,
});
const nothing = { lines: [], shippingAmount: 0, amount: 0 };

describe('planRefund', () => {
  it('adds up lines, shipping and amount', () => {
    const plan = planRefund(order, [card()], { lines: [{ orderLineId: 'oli_1', quantity: 1 }], shippingAmount: 100, amount: 50 });
    assert.deepEqual(plan, {
      amount: 2_333 + 150,
      shippingAmount: 100,
      lines: [{ orderLineId: 'oli_1', quantity: 1, amount: 2_333 }],
      parts: [{ paymentId: 'pay_1', captureRef: 'ch_1', amount: 2_483 }],
    });
  });

  it('names the field at fault and what is left', () => {
    const refused: [Parameters<typeof planRefund>[2], string, string][] = [
      [nothing, 'INVALID_INPUT', 'amount'],
      [{ ...nothing, amount: -1 }, 'INVALID_INPUT', 'amount'],
      [{ ...nothing, amount: 0.5 }, 'INVALID_INPUT', 'amount'],
      [{ ...nothing, amount: 10_001 }, 'INVALID_INPUT', 'amount'],
      [{ ...nothing, shippingAmount: 501 }, 'INVALID_TRANSITION', 'shippingAmount'],
      [{ ...nothing, lines: [{ orderLineId: 'oli_9', quantity: 1 }] }, 'INVALID_INPUT', 'lines.0.orderLineId'],
      [{ ...nothing, lines: [{ orderLineId: 'oli_2', quantity: 0 }] }, 'INVALID_INPUT', 'lines.0.quantity'],
      [{ ...nothing, lines: [{ orderLineId: 'oli_2', quantity: 2 }] }, 'INVALID_TRANSITION', 'lines.0.quantity'],
      [{ ...nothing, lines: [1, 1].map((quantity) => ({ orderLineId: 'oli_1', quantity })) }, 'INVALID_INPUT', 'lines.1.orderLineId'],
    ];
    for (const [wish, code, field] of refused) assert.throws(() => planRefund(order, [card()], wish), { code, field }, JSON.stringify(wish));
  });

  it('takes from the first payment what it still has, the rest from the next, capture by capture', () => {
    const payments = [
      card({ captured: 600, refunded: 100, refundPending: 50, captures: [{ ref: 'a', amount: 400 }, { ref: 'b', amount: 200 }], refundedOf: { a: 150 } }),
      card({ id: 'pay_2', captured: 1_000, captures: [{ ref: 'c', amount: 1_000 }] }),
    ];
    assert.deepEqual(spreadRefund(700, payments), [
      { paymentId: 'pay_1', captureRef: 'a', amount: 250 },
      { paymentId: 'pay_1', captureRef: 'b', amount: 200 },
      { paymentId: 'pay_2', captureRef: 'c', amount: 250 },
    ]);
  });

  it('gives units back at prices that add up to the line exactly, in whatever steps', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }), (total, steps) => {
        const quantity = steps.reduce((sum, step) => sum + step, 0);
        let refundedQuantity = 0;
        let back = 0;
        for (const step of steps) {
          const amount = refundOfUnits({ total, quantity, refundedQuantity }, step);
          assert.ok(amount >= 0);
          back += amount;
          refundedQuantity += step;
        }
        assert.equal(back, total);
      }),
    );
  });

  it('never plans more than was captured and not yet given back, of any payment or capture', () => {
    const payment = fc
      .array(fc.record({ amount: fc.integer({ min: 1, max: 10_000 }), refunded: fc.nat(10_000) }), { minLength: 1, maxLength: 4 })
      .chain((captures) => fc.record({ captures: fc.constant(captures), pending: fc.nat(5_000), id: fc.uuid() }))
      .map(({ captures, pending, id }): RefundablePayment => {
        const captured = captures.reduce((sum, { amount }) => sum + amount, 0);
        const refundedOf = Object.fromEntries(captures.map(({ amount, refunded }, index) => [`c${index}`, Math.min(amount, refunded)]));
        const back = Object.values(refundedOf).reduce((sum, amount) => sum + amount, 0);
        const refundPending = Math.min(pending, back);
        return {
          id,
          amount: captured,
          captured,
          refunded: back - refundPending,
          refundPending,
          credited: 0,
          captures: captures.map(({ amount }, index) => ({ ref: `c${index}`, amount })),
          refundedOf,
        };
      });
    fc.assert(
      fc.property(fc.uniqueArray(payment, { minLength: 1, maxLength: 3, selector: ({ id }) => id }), fc.integer({ min: 1, max: 60_000 }), (payments, amount) => {
        const left = payments.reduce((sum, { captured, refunded, refundPending }) => sum + captured - refunded - refundPending, 0);
        if (amount > left) {
          assert.throws(() => spreadRefund(amount, payments), { code: 'INVALID_INPUT' });
          return;
        }
        const parts = spreadRefund(amount, payments);
        assert.equal(parts.reduce((sum, part) => sum + part.amount, 0), amount);
        for (const { paymentId, captureRef, amount: taken } of parts) {
          const source = payments.find(({ id }) => id === paymentId);
          const capture = source?.captures.find(({ ref }) => ref === captureRef);
          assert.ok(capture && taken > 0 && taken + (source?.refundedOf[captureRef] ?? 0) <= capture.amount);
        }
      }),
    );
  });

  it('knows shipping as what the order costs beside its lines', () => {
    assert.equal(shippingPaid(order), 500);
  });
});
