import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PaymentStatus } from '../payments/payment.ts';
import { shipmentDue, shippedValue } from './shipment-due.ts';

const line = (quantity: number, shippedQuantity: number, total: number) => ({ quantity, shippedQuantity, total });
const payment = (amount: number, captured = 0, status: PaymentStatus = 'authorized') => ({ amount, captured, status });

describe('what is due for shipments', () => {
  it('is the units that have left, shipping with the first, and everything with the last', () => {
    const order = (shipped: number) => ({ total: 3_500, lines: [line(3, shipped, 3_000)] });
    assert.deepEqual([0, 1, 2, 3].map((shipped) => shippedValue(order(shipped))), [0, 1_500, 2_500, 3_500]);
  });

  it('is never more than is authorized, and nothing that was captured before', () => {
    const order = { total: 3_500, lines: [line(3, 3, 3_000)] };
    assert.equal(shipmentDue(order, 3_500, [payment(3_500)]), 3_500);
    assert.equal(shipmentDue(order, 3_500, [payment(3_500, 1_500)]), 2_000);
    assert.equal(shipmentDue(order, 3_500, [payment(1_000), payment(2_500, 2_500, 'captured')]), 1_000);
    assert.equal(shipmentDue(order, 3_500, [payment(3_500, 0, 'canceled')]), 0);
    assert.equal(shipmentDue({ ...order, lines: [line(3, 0, 3_000)] }, 3_500, [payment(3_500, 1_500)]), 0);
  });

  it('is not what was paid with goods given back', () => {
    const order = { total: 3_500, lines: [line(3, 3, 3_000)] };
    assert.equal(shipmentDue(order, 2_500, [payment(3_500, 1_500)]), 1_000);
    assert.equal(shipmentDue(order, 1_000, [payment(3_500, 1_500)]), 0);
  });

  it('adds up to the total, in whatever parcels the units leave', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ quantity: fc.integer({ min: 1, max: 9 }), total: fc.nat(100_000) }), { minLength: 1, maxLength: 5 }), fc.nat(5_000), fc.array(fc.nat(4)), (lines, shipping, parcels) => {
        const total = shipping + lines.reduce((sum, each) => sum + each.total, 0);
        const shipped = lines.map(() => 0);
        let captured = 0;
        const leave = (): void => {
          const due = shipmentDue({ total, lines: lines.map((each, index) => ({ ...each, shippedQuantity: shipped[index] ?? 0 })) }, total, [payment(total, captured)]);
          assert.ok(due >= 0 && captured + due <= total);
          captured += due;
        };
        for (const index of parcels) {
          const each = lines[index % lines.length];
          if (each) shipped[index % lines.length] = Math.min(each.quantity, (shipped[index % lines.length] ?? 0) + 1);
          leave();
        }
        lines.forEach(({ quantity }, index) => (shipped[index] = quantity));
        leave();
        assert.equal(captured, total);
      }),
    );
  });
});
