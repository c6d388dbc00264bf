import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DomainError } from '../../shared/errors.ts';
import { DEFAULT_RETURN_POLICY, type ReturnPolicy } from './return-policy.ts';
import { settleReturn, type AcceptedUnits } from './return-settlement.ts';
import { CONDITIONS, RETURN_REASONS } from './return.ts';

const LINE = { id: 'oli_1', quantity: 3, refundedQuantity: 0, total: 1_000 };
const ORDER = { total: 1_500, shippingRefunded: 0, lines: [LINE] };
const units = (accepted: AcceptedUnits['units'], reason: AcceptedUnits['reason'] = 'unwanted'): AcceptedUnits[] => [{ orderLineId: 'oli_1', reason, units: accepted }];
const terms = (change: Partial<ReturnPolicy> = {}): ReturnPolicy => ({ ...DEFAULT_RETURN_POLICY, ...change });
const NO_LABEL = { labelGiven: false };

const invalidField = (field: string) => (error: unknown) => error instanceof DomainError && error.code === 'INVALID_INPUT' && error.field === field;

describe('what a return comes to', () => {
  it('is what was paid for its units, to the cent over several returns', () => {
    const parts = [0, 1, 2].map((refundedQuantity) => settleReturn({ ...ORDER, lines: [{ ...LINE, refundedQuantity }] }, units({ new: 1 }), terms({ refundShipping: 'never' }), NO_LABEL).amount);
    assert.deepEqual(parts, [333, 334, 333]);
  });

  it('brings shipping back when nothing is left with the customer', () => {
    assert.equal(settleReturn(ORDER, units({ new: 3 }), terms(), NO_LABEL).amount, 1_500);
    assert.equal(settleReturn(ORDER, units({ new: 2 }), terms(), NO_LABEL).shippingRefund, 0);
    assert.equal(settleReturn({ ...ORDER, shippingRefunded: 400 }, units({ new: 3 }), terms(), NO_LABEL).shippingRefund, 100);
    assert.equal(settleReturn(ORDER, units({ new: 3 }), terms({ refundShipping: 'never' }), NO_LABEL).amount, 1_000);
  });

  it('takes fees only for reasons of the customer’s own', () => {
    const fees = terms({ refundShipping: 'never', restockingFeePpm: { new: 0, opened: 100_000, damaged: 500_000 }, customerPaysFor: ['unwanted'], labelFee: 50 });
    const own = settleReturn(ORDER, units({ opened: 1, damaged: 1 }), fees, { labelGiven: true });
    assert.deepEqual([own.value, own.restockingFee, own.labelFee, own.amount], [667, 33 + 167, 50, 417]);
    const ours = settleReturn(ORDER, units({ opened: 1, damaged: 1 }, 'damaged'), fees, { labelGiven: true });
    assert.deepEqual([ours.restockingFee, ours.labelFee], [0, 0]);
    assert.equal(settleReturn(ORDER, units({ opened: 1 }), fees, NO_LABEL).labelFee, 0, 'no label, no fee');
  });

  it('is what the operator chooses, within what there is', () => {
    assert.equal(settleReturn(ORDER, units({ new: 1 }), terms(), { ...NO_LABEL, wish: { restockingFee: 33, shippingRefund: 500 } }).amount, 800);
    assert.throws(() => settleReturn(ORDER, units({ new: 1 }), terms(), { ...NO_LABEL, wish: { restockingFee: 334 } }), invalidField('restockingFee'));
    assert.throws(() => settleReturn(ORDER, units({ new: 1 }), terms(), { ...NO_LABEL, wish: { shippingRefund: 501 } }), invalidField('shippingRefund'));
    assert.throws(() => settleReturn(ORDER, units({ new: 1 }), terms(), { ...NO_LABEL, wish: { labelFee: -1 } }), invalidField('labelFee'));
  });

  it('pays no unit again, never more than was paid, and never less than nothing', () => {
    const line = fc.record({ quantity: fc.integer({ min: 1, max: 20 }), total: fc.nat(1_000_000) }).chain(({ quantity, total }) =>
      fc.record({ quantity: fc.constant(quantity), total: fc.constant(total), refundedQuantity: fc.integer({ min: 0, max: quantity }) }),
    );
    const policy = fc.record({
      ppm: fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000), fc.nat(1_000_000)),
      labelFee: fc.nat(2_000),
      refundShipping: fc.constantFrom('never' as const, 'whole_order' as const),
      customerPaysFor: fc.subarray([...RETURN_REASONS]),
    });
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 4 }),
        fc.nat(5_000),
        policy,
        fc.array(fc.tuple(fc.nat(8), fc.nat(8), fc.nat(8), fc.nat(8), fc.constantFrom(...RETURN_REASONS)), { minLength: 4, maxLength: 4 }),
        fc.boolean(),
        (lines, shipping, { ppm: [fresh, opened, damaged], ...rest }, chosen, labelGiven) => {
          const order = {
            lines: lines.map((each, index) => ({ ...each, id: `oli_${index}` })),
            total: lines.reduce((sum, { total }) => sum + total, shipping),
            shippingRefunded: 0,
          };
          const accepted = order.lines.map(({ id }, index): AcceptedUnits => {
            const [a = 0, b = 0, c = 0, kept = 0, reason = 'other'] = chosen[index] ?? [];
            return { orderLineId: id, reason, units: { ...Object.fromEntries(CONDITIONS.map((condition, at) => [condition, [a, b, c][at] ?? 0])), kept } };
          });
          const settled = settleReturn(order, accepted, terms({ ...rest, restockingFeePpm: { new: fresh, opened, damaged } }), { labelGiven });
          assert.equal(settled.amount, settled.value + settled.shippingRefund - settled.restockingFee - settled.labelFee);
          assert.ok(settled.amount >= 0 && settled.restockingFee <= settled.value && settled.shippingRefund <= shipping);
          for (const { orderLineId, quantity, amount } of settled.lines) {
            const of = order.lines.find(({ id }) => id === orderLineId);
            assert.ok(of && quantity > 0 && of.refundedQuantity + quantity <= of.quantity && amount <= of.total);
          }
        },
      ),
    );
  });
});
