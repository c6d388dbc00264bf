import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_AMOUNT } from '../shared/money.ts';
import type { Promotion } from './promotion.ts';
import { computeTotals, type PricedLine, type TaxRate, type TotalsInput } from './totals.ts';

const promotion = (kind: Promotion['kind'], value: number): Promotion => ({
  id: 'promo_1',
  code: 'CODE',
  kind,
  value,
  currency: 'EUR',
  minSubtotal: 0,
  startsAt: null,
  endsAt: null,
  usageLimit: null,
  timesUsed: 0,
});
const line = (lineId: string, unitAmount: number, quantity = 1, taxCategory = 'standard'): PricedLine => ({
  lineId,
  unitAmount,
  quantity,
  taxCategory,
});
const rate = (name: string, ratePpm: number, taxCategory = 'standard'): TaxRate => ({ name, ratePpm, taxCategory });
const compute = (input: Partial<TotalsInput>) =>
  computeTotals({ currency: 'EUR', pricesIncludeTax: false, lines: [], shipping: null, promotion: null, taxRates: [], ...input });
const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

describe('computeTotals', () => {
  it('prices an empty cart at nothing', () => {
    assert.deepEqual(compute({}), {
      currency: 'EUR',
      subtotal: 0,
      discount: 0,
      shipping: 0,
      tax: 0,
      total: 0,
      lines: [],
      taxLines: [],
      shippingDiscount: 0,
      shippingTax: 0,
      pricesIncludeTax: false,
    });
  });

  it('adds state and county tax side by side, rounded over the document', () => {
    const totals = compute({
      lines: [line('a', 1_999, 2), line('b', 501)],
      shipping: { amount: 700, taxCategory: 'shipping' },
      taxRates: [rate('State', 40_000), rate('City', 48_750), rate('Unused', 100_000, 'books')],
    });
    assert.deepEqual(totals, {
      currency: 'EUR',
      subtotal: 4_499,
      discount: 0,
      shipping: 700,
      tax: 399,
      total: 5_598,
      lines: [
        { lineId: 'a', subtotal: 3_998, discount: 0, tax: 355, total: 4_353 },
        { lineId: 'b', subtotal: 501, discount: 0, tax: 44, total: 545 },
      ],
      taxLines: [
        { name: 'State', ratePpm: 40_000, amount: 180 },
        { name: 'City', ratePpm: 48_750, amount: 219 },
      ],
      shippingDiscount: 0,
      shippingTax: 0,
      pricesIncludeTax: false,
    });
  });

  it('finds the tax that inclusive prices contain and leaves the total alone', () => {
    const totals = compute({
      pricesIncludeTax: true,
      lines: [line('a', 11_900), line('book', 1_070, 1, 'books')],
      shipping: { amount: 595, taxCategory: 'standard' },
      taxRates: [rate('VAT', 190_000), rate('VAT', 70_000, 'books')],
    });
    assert.deepEqual([totals.subtotal, totals.shipping, totals.total], [12_970, 595, 13_565]);
    assert.deepEqual([totals.tax, totals.shippingTax], [2_065, 95]);
    assert.deepEqual(totals.lines.map(({ tax, total }) => [tax, total]), [[1_900, 11_900], [70, 1_070]]);
    assert.deepEqual(totals.taxLines.map(({ ratePpm, amount }) => [ratePpm, amount]), [[190_000, 1_995], [70_000, 70]]);
  });

  it('shows one tax line for one tax on two categories', () => {
    const totals = compute({
      lines: [line('a', 1_000), line('b', 500, 1, 'gifts')],
      taxRates: [rate('VAT', 200_000), rate('VAT', 200_000, 'gifts')],
    });
    assert.deepEqual(totals.taxLines, [{ name: 'VAT', ratePpm: 200_000, amount: 300 }]);
  });

  it('rounds a percentage once and spreads it over the lines; tax is on what is left', () => {
    const totals = compute({
      lines: [line('a', 333), line('b', 333), line('c', 333)],
      promotion: promotion('percentage', 100_000),
      taxRates: [rate('VAT', 200_000)],
    });
    assert.deepEqual([totals.subtotal, totals.discount, totals.tax, totals.total], [999, 100, 180, 1_079]);
    assert.deepEqual(totals.lines.map((each) => each.discount), [34, 33, 33]);
  });

  it('takes a fixed amount off, never more than the lines cost', () => {
    const lines = [line('a', 600), line('b', 300)];
    const some = compute({ lines, promotion: promotion('fixed_amount', 300) });
    assert.deepEqual(some.lines.map((each) => each.discount), [200, 100]);
    const shipping = { amount: 400, taxCategory: 'standard' };
    const free = compute({ lines, shipping, promotion: promotion('fixed_amount', 5_000) });
    assert.deepEqual([free.discount, free.shippingDiscount, free.total], [900, 0, 400]);
    assert.equal(compute({ lines, promotion: promotion('percentage', 2_000_000) }).total, 0);
  });

  it("takes an operator's discount off on top of a code, never more than the lines cost, and nothing off shipping", () => {
    const lines = [line('a', 600), line('b', 400)];
    const shipping = { amount: 400, taxCategory: 'standard' };
    const both = compute({ lines, shipping, promotion: promotion('percentage', 100_000), operatorDiscount: 300 });
    assert.deepEqual([both.discount, both.shippingDiscount, both.total], [400, 0, 1_000]);
    assert.deepEqual(both.lines.map((each) => each.discount), [240, 160]);
    const waived = compute({ lines, shipping, promotion: promotion('free_shipping', 0), operatorDiscount: 300 });
    assert.deepEqual([waived.discount, waived.shippingDiscount, waived.total], [700, 400, 700]);
    assert.equal(compute({ lines, shipping, promotion: promotion('fixed_amount', 800), operatorDiscount: 5_000 }).total, 400);
    for (const wrong of [-1, 0.5, NaN, MAX_AMOUNT + 1]) {
      assert.throws(() => compute({ lines, operatorDiscount: wrong }), { code: 'INVALID_INPUT', field: 'operatorDiscount' });
    }
  });

  it('waives shipping and its tax', () => {
    const totals = compute({
      lines: [line('a', 1_000)],
      shipping: { amount: 500, taxCategory: 'standard' },
      promotion: promotion('free_shipping', 0),
      taxRates: [rate('VAT', 100_000)],
    });
    assert.deepEqual(
      [totals.shipping, totals.shippingDiscount, totals.discount, totals.shippingTax, totals.tax, totals.total],
      [500, 500, 500, 0, 100, 1_100],
    );
  });

  it('refuses amounts and quantities that are not whole, negative or too large, naming the field', () => {
    const refuses = (input: Partial<TotalsInput>, field: string): void => {
      assert.throws(() => compute(input), { code: 'INVALID_INPUT', field });
    };
    for (const wrong of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
      refuses({ lines: [line('a', wrong)] }, 'lines.a.unitAmount');
      refuses({ lines: [line('a', 1, wrong)] }, 'lines.a.quantity');
      refuses({ shipping: { amount: wrong, taxCategory: 'standard' } }, 'shipping.amount');
      refuses({ promotion: promotion('fixed_amount', wrong) }, 'promotion.value');
      refuses({ taxRates: [rate('VAT', wrong)] }, 'taxRates');
    }
    refuses({ lines: [line('a', MAX_AMOUNT + 1)] }, 'lines.a.unitAmount');
    refuses({ lines: [line('a', MAX_AMOUNT, 1_000_000_000)] }, 'lines.a.quantity');
    refuses({ lines: [line('a', MAX_AMOUNT), line('b', 1)] }, 'subtotal');
    refuses({ lines: [line('a', MAX_AMOUNT)], shipping: { amount: 1, taxCategory: 'standard' } }, 'total');
    refuses({ lines: [line('a', MAX_AMOUNT)], taxRates: [rate('VAT', 1)] }, 'total');
    assert.equal(compute({ lines: [line('a', MAX_AMOUNT)] }).total, MAX_AMOUNT);
  });
});

describe('computeTotals, whatever the cart', () => {
  const categories = fc.constantFrom('standard', 'books', 'food');
  const amounts = fc.oneof(fc.nat(500), fc.nat(1_000_000));
  const lines = fc
    .array(fc.record({ unitAmount: amounts, quantity: fc.nat(50), taxCategory: categories }), { maxLength: 12 })
    .map((drafts) => drafts.map((draft, index) => ({ ...draft, lineId: `line${index}` })));
  const promotions = fc.oneof(
    fc.nat(1_200_000).map((value) => promotion('percentage', value)),
    amounts.map((value) => promotion('fixed_amount', value)),
    fc.constant(promotion('free_shipping', 0)),
  );
  const names = fc.constantFrom('State', 'County', 'VAT');
  const taxRates = fc.array(fc.record({ name: names, ratePpm: fc.nat(300_000), taxCategory: categories }), { maxLength: 6 });
  const inputs: fc.Arbitrary<TotalsInput> = fc.record({
    currency: fc.constant('EUR'),
    pricesIncludeTax: fc.boolean(),
    lines,
    shipping: fc.option(fc.record({ amount: amounts, taxCategory: categories })),
    promotion: fc.option(promotions),
    operatorDiscount: fc.oneof(fc.constant(0), amounts),
    taxRates,
  });

  it('has lines and tax lines that add up to the document', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const totals = computeTotals(input);
        const shippingTotal = totals.shipping - totals.shippingDiscount + (input.pricesIncludeTax ? 0 : totals.shippingTax);
        assert.equal(sum(totals.lines.map((each) => each.subtotal)), totals.subtotal);
        assert.equal(sum(totals.lines.map((each) => each.discount)) + totals.shippingDiscount, totals.discount);
        assert.equal(sum(totals.lines.map((each) => each.tax)) + totals.shippingTax, totals.tax);
        assert.equal(sum(totals.lines.map((each) => each.total)) + shippingTotal, totals.total);
        assert.equal(sum(totals.taxLines.map((each) => each.amount)), totals.tax);
        const addedTax = input.pricesIncludeTax ? 0 : totals.tax;
        assert.equal(totals.total, totals.subtotal - totals.discount + totals.shipping + addedTax);
      }),
    );
  });

  it('stays within bounds: no negative amount, no discount above the price, no part of -0', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const totals = computeTotals(input);
        assert.ok(totals.discount >= 0 && totals.discount <= totals.subtotal + totals.shipping);
        assert.ok(totals.shippingDiscount <= totals.shipping);
        assert.ok(totals.total >= 0 && totals.tax >= 0);
        for (const each of totals.lines) {
          assert.ok(each.discount <= each.subtotal);
          for (const part of [each.discount, each.tax, each.total]) assert.ok(part >= 0 && !Object.is(part, -0));
        }
      }),
    );
  });

  it('takes off exactly the rounded percentage', () => {
    fc.assert(
      fc.property(lines, fc.nat(1_000_000), (priced, value) => {
        const totals = compute({ lines: priced, promotion: promotion('percentage', value) });
        const error = BigInt(totals.discount) * 1_000_000n - BigInt(totals.subtotal) * BigInt(value);
        assert.ok(error > -500_000n && error <= 500_000n);
      }),
    );
  });

  it("never gets dearer by an operator's discount, and is unchanged by none", () => {
    fc.assert(
      fc.property(inputs, ({ operatorDiscount, ...input }) => {
        const without = computeTotals(input);
        const discounted = computeTotals({ ...input, operatorDiscount: operatorDiscount ?? 0 });
        const rest = without.subtotal - (without.discount - without.shippingDiscount);
        assert.equal(discounted.discount - without.discount, Math.min(rest, operatorDiscount ?? 0));
        assert.deepEqual(computeTotals({ ...input, operatorDiscount: 0 }), without);
      }),
    );
  });

  it('taxes nothing without rates, and never taxes a line of another category', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        assert.equal(computeTotals({ ...input, taxRates: [] }).tax, 0);
        const taxed = new Set(input.taxRates.map((each) => each.taxCategory));
        computeTotals(input).lines.forEach((each, index) => {
          if (!taxed.has(input.lines[index]?.taxCategory ?? '')) assert.equal(each.tax, 0);
        });
      }),
    );
  });

  it('finds in inclusive prices the tax that exclusive prices had added, within rounding', () => {
    fc.assert(
      fc.property(inputs, ({ operatorDiscount: _, ...input }) => {
        const exclusive = computeTotals({ ...input, pricesIncludeTax: false, promotion: null });
        const inclusive = computeTotals({
          ...input,
          pricesIncludeTax: true,
          promotion: null,
          lines: input.lines.map((each, index) => ({ ...each, quantity: 1, unitAmount: exclusive.lines[index]?.total ?? 0 })),
          shipping: input.shipping && { ...input.shipping, amount: exclusive.shipping + exclusive.shippingTax },
        });
        assert.equal(inclusive.total, exclusive.total);
        // Each rate is rounded by up to a half in each of the two, and what the first added is in the second's base.
        assert.ok(Math.abs(inclusive.tax - exclusive.tax) <= 1.5 * input.taxRates.length);
      }),
    );
  });
});
