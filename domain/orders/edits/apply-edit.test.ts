import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { computeTotals } from '../../checkout/totals.ts';
import { DomainError } from '../../shared/errors.ts';
import { applyEdit, forgive, type EditedOrder } from './apply-edit.ts';
import type { EditChange } from './edit-change.ts';
import type { EditableOrder, EditCatalog } from './editable-order.ts';

const address = { firstName: 'Ada', lastName: 'Lovelace', line1: '1 Main St', city: 'New York', region: 'NY', postalCode: '10001', countryCode: 'US' };
const method = { id: 'ship_1', code: 'standard', name: 'Standard', description: '', taxCategory: 'standard' };

interface Sold {
  readonly unitAmount: number;
  readonly quantity: number;
  readonly taxCategory: string;
  readonly refunded: number;
  readonly inParcels: number;
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

const rates = (ppm: readonly [number, number, number]): EditCatalog['taxRates'] => [
  { name: 'State', ratePpm: ppm[0], taxCategory: 'standard' },
  { name: 'City', ratePpm: ppm[1], taxCategory: 'standard' },
  { name: 'Books', ratePpm: ppm[2], taxCategory: 'books' },
];

/** An order as the checkout would have placed it. */
function orderOf(sold: readonly Sold[], options: { pricesIncludeTax: boolean; percent: number; shipping: number; taxRates: EditCatalog['taxRates'] }): EditableOrder {
  const { pricesIncludeTax, percent, shipping, taxRates } = options;
  const totals = computeTotals({
    currency: 'USD',
    pricesIncludeTax,
    lines: sold.map((line, index) => ({ lineId: `oli_${index}`, unitAmount: line.unitAmount, quantity: line.quantity, taxCategory: line.taxCategory })),
    shipping: { amount: shipping, taxCategory: 'standard' },
    promotion: percent === 0 ? null : { id: 'p', code: 'P', kind: 'percentage', value: percent * 10_000, currency: null, minSubtotal: 0, startsAt: null, endsAt: null, usageLimit: null, timesUsed: 0 },
    taxRates,
  });
  return {
    ...totals,
    id: 'ord_1',
    channelId: 'chan_1',
    email: 'ada@example.com',
    shippingAddress: address,
    billingAddress: address,
    shippingMethod: { ...method, amount: shipping },
    shippingRefunded: 0,
    lines: totals.lines.map((line, index) => {
      const { unitAmount = 0, quantity = 0, taxCategory = '', refunded = 0, inParcels = 0 } = sold[index] ?? {};
      return {
        ...{ ...line, id: line.lineId, position: index + 1, variantId: `var_${index}`, sku: `S${index}`, productTitle: 'P', variantTitle: 'V', taxCategory, quantity, unitAmount },
        ...{ canceledQuantity: 0, fulfillmentQuantity: Math.min(inParcels, quantity), returnedQuantity: 0, refundedQuantity: Math.min(refunded, quantity), inventory: [] },
      };
    }),
  };
}

const catalogOf = (taxRates: EditCatalog['taxRates']): EditCatalog => ({
  taxRates,
  variants: [
    { id: 'var_new', sku: 'NEW', productTitle: 'New', variantTitle: 'N', taxCategory: 'standard', sellable: true, unitAmount: 1_999, inventory: [] },
    { id: 'var_book', sku: 'BOOK', productTitle: 'Book', variantTitle: 'B', taxCategory: 'books', sellable: true, unitAmount: 777, inventory: [] },
    { id: 'var_gone', sku: 'GONE', productTitle: 'Gone', variantTitle: 'G', taxCategory: 'books', sellable: false, unitAmount: 777, inventory: [] },
  ],
  shippingMethods: [{ ...method, id: 'ship_2', code: 'express', name: 'Express', amount: 1_500, countries: [] }],
});

function assertAddsUp(order: EditableOrder, edited: EditedOrder): void {
  const { pricesIncludeTax } = order;
  const shipping = edited.total - sum(edited.lines.map(({ total }) => total));
  const shippingParts = edited.shipping - (edited.discount - sum(edited.lines.map(({ discount }) => discount))) + (pricesIncludeTax ? 0 : edited.tax - sum(edited.lines.map(({ tax }) => tax)));
  assert.equal(shipping, shippingParts, 'shipping is what the lines are not');
  assert.equal(sum(edited.taxLines.map(({ amount }) => amount)), edited.tax, 'the tax lines are the tax');
  assert.equal(edited.subtotal, sum(edited.lines.map(({ subtotal }) => subtotal)));
  assert.equal(edited.total, edited.subtotal - edited.discount + edited.shipping + (pricesIncludeTax ? 0 : edited.tax));
  assert.equal(edited.difference, edited.total - order.total);
  assert.ok(edited.total >= 0 && edited.lines.every(({ total, quantity }) => total >= 0 && quantity >= 0), JSON.stringify(edited));
  assert.ok(edited.taxLines.every(({ amount }) => amount >= 0), JSON.stringify(edited.taxLines));
  for (const line of edited.lines) {
    assert.equal(line.subtotal, line.unitAmount * line.quantity);
    assert.ok(line.refundedQuantity >= 0 && line.refundedQuantity <= line.quantity);
    assert.ok(line.fulfillmentQuantity <= line.quantity);
  }
}

const soldLine = fc.record({
  unitAmount: fc.integer({ min: 0, max: 50_000 }),
  quantity: fc.integer({ min: 1, max: 20 }),
  taxCategory: fc.constantFrom('standard', 'books', 'untaxed'),
  refunded: fc.integer({ min: 0, max: 5 }),
  inParcels: fc.integer({ min: 0, max: 5 }),
});
const anyOrder = fc
  .record({
    sold: fc.array(soldLine, { minLength: 1, maxLength: 5 }),
    pricesIncludeTax: fc.boolean(),
    percent: fc.integer({ min: 0, max: 100 }),
    shipping: fc.integer({ min: 0, max: 3_000 }),
    ppm: fc.tuple(fc.integer({ min: 0, max: 250_000 }), fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 100_000 })),
  })
  .map(({ sold, ppm, ...options }) => {
    const taxRates = rates(ppm);
    return { order: orderOf(sold, { ...options, taxRates }), catalog: catalogOf(taxRates) };
  });
const anyChange: fc.Arbitrary<EditChange> = fc.oneof(
  fc.record({ kind: fc.constant('set_quantity' as const), orderLineId: fc.integer({ min: 0, max: 4 }).map((n) => `oli_${n}`), quantity: fc.integer({ min: 0, max: 25 }) }),
  fc.record({
    kind: fc.constant('add_line' as const),
    lineId: fc.uuid(),
    variantId: fc.constantFrom('var_new', 'var_book'),
    quantity: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ kind: fc.constant('set_shipping' as const), shippingMethodId: fc.constant('ship_2') }),
  fc.record({ kind: fc.constant('set_shipping' as const), amount: fc.integer({ min: 0, max: 4_000 }) }),
  fc.record({ kind: fc.constant('add_discount' as const), off: fc.integer({ min: 1, max: 1_000_000 }).map((percentPpm) => ({ percentPpm })), reason: fc.constant('late') }),
  fc.record({ kind: fc.constant('add_discount' as const), orderLineId: fc.constant('oli_0'), off: fc.integer({ min: 0, max: 900 }).map((amount) => ({ amount })), reason: fc.constant('scratch') }),
);

/** The edited order, unless the changes are refused: by an expected error then. */
function tryEdit(order: EditableOrder, changes: readonly EditChange[], catalog: EditCatalog): EditedOrder | undefined {
  try {
    return applyEdit(order, changes, catalog);
  } catch (error) {
    assert.ok(error instanceof DomainError, String(error));
    return undefined;
  }
}

describe('an edit of an order', () => {
  it('always adds up, whatever is changed, and so does an edit of the edited order', () => {
    let applied = 0;
    fc.assert(
      fc.property(anyOrder, fc.array(anyChange, { minLength: 1, maxLength: 6 }), fc.array(anyChange, { minLength: 1, maxLength: 4 }), ({ order, catalog }, changes, more) => {
        const edited = tryEdit(order, changes, catalog);
        if (!edited) return;
        applied += 1;
        assertAddsUp(order, edited);
        const present: EditableOrder = { ...order, ...edited };
        const again = tryEdit(present, more, catalog);
        if (again) assertAddsUp(present, again);
      }),
      { numRuns: 2_000 },
    );
    assert.ok(applied > 200, `only ${applied} edits were not refused`);
  });

  it('that changes nothing costs nothing', () => {
    fc.assert(
      fc.property(anyOrder, ({ order, catalog }) => {
        const edited = applyEdit(order, [], catalog);
        assert.deepEqual([edited.difference, edited.refundedValue, edited.total], [0, 0, order.total]);
      }),
    );
  });

  it('back and forth comes to the same total, but for the rounding of the tax', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 19 }), fc.boolean(), (unitAmount, quantity, less, pricesIncludeTax) => {
        const taxRates = rates([88_750, 0, 0]);
        const left = Math.max(1, quantity - less);
        const order = orderOf([{ unitAmount, quantity, taxCategory: 'standard', refunded: 0, inParcels: 0 }], { pricesIncludeTax, percent: 0, shipping: 500, taxRates });
        const fewer = applyEdit(order, [{ kind: 'set_quantity', orderLineId: 'oli_0', quantity: left }], catalogOf(taxRates));
        const back = applyEdit({ ...order, ...fewer }, [{ kind: 'set_quantity', orderLineId: 'oli_0', quantity }], catalogOf(taxRates));
        const off = Math.abs(fewer.difference + back.difference);
        if (pricesIncludeTax) assert.equal(off, 0);
        assert.ok(off <= quantity / left / 2 + 1 / 2, `${off} of ${quantity}/${left}`);
        assert.equal(back.lines[0]?.canceledQuantity, 0);
      }),
    );
  });

  it('does not pay back what was refunded before', () => {
    const taxRates = rates([0, 0, 0]);
    const order = orderOf([{ unitAmount: 1_000, quantity: 3, taxCategory: 'standard', refunded: 1, inParcels: 0 }], { pricesIncludeTax: false, percent: 0, shipping: 0, taxRates });
    const edited = applyEdit(order, [{ kind: 'set_quantity', orderLineId: 'oli_0', quantity: 1 }], catalogOf(taxRates));
    assert.deepEqual([edited.difference, edited.refundedValue, edited.lines[0]?.refundedQuantity], [-2_000, 1_000, 0]);
    const discounted = applyEdit(order, [{ kind: 'add_discount', off: { percentPpm: 500_000 }, reason: 'scratch' }], catalogOf(taxRates));
    assert.deepEqual([discounted.difference, discounted.refundedValue], [-1_500, 500]);
  });

  it('leaves what is in parcels, and what nobody sells', () => {
    const taxRates = rates([88_750, 0, 0]);
    const order = orderOf([{ unitAmount: 1_000, quantity: 3, taxCategory: 'standard', refunded: 0, inParcels: 2 }], { pricesIncludeTax: false, percent: 0, shipping: 0, taxRates });
    const refusals: [EditChange, string, string][] = [
      [{ kind: 'set_quantity', orderLineId: 'oli_0', quantity: 1 }, 'INVALID_TRANSITION', 'changes.0.quantity'],
      [{ kind: 'set_quantity', orderLineId: 'oli_9', quantity: 1 }, 'INVALID_INPUT', 'changes.0.orderLineId'],
      [{ kind: 'set_quantity', orderLineId: 'oli_0', quantity: 1.5 }, 'INVALID_INPUT', 'changes.0.quantity'],
      [{ kind: 'add_line', lineId: 'a', variantId: 'var_gone', quantity: 1 }, 'NOT_FOUND', 'changes.0.variantId'],
      [{ kind: 'add_line', lineId: 'a', variantId: 'var_new', quantity: 1, unitAmount: 1_000_000_000_001 }, 'INVALID_INPUT', 'changes.0.unitAmount'],
      [{ kind: 'add_discount', off: { amount: 3_001 }, reason: 'x' }, 'INVALID_INPUT', 'changes.0.amount'],
      [{ kind: 'set_shipping', shippingMethodId: 'ship_9' }, 'NOT_FOUND', 'changes.0.shippingMethodId'],
      [{ kind: 'set_shipping_address', address }, 'INVALID_TRANSITION', 'changes.0.address'],
    ];
    for (const [change, code, field] of refusals) {
      assert.throws(() => applyEdit(order, [change], catalogOf(taxRates)), (error) => error instanceof DomainError && error.code === code && error.field === field, JSON.stringify(change));
    }
  });

  it('to a place with another tax is refused, to one with the same tax it is not', () => {
    const taxRates = rates([88_750, 0, 0]);
    const order = orderOf([{ unitAmount: 1_000, quantity: 1, taxCategory: 'standard', refunded: 0, inParcels: 0 }], { pricesIncludeTax: false, percent: 0, shipping: 0, taxRates });
    const change: EditChange = { kind: 'set_shipping_address', address: { ...address, line1: '2 Main St' } };
    assert.equal(applyEdit(order, [change], { ...catalogOf(taxRates), newTaxRates: [...taxRates].reverse() }).shippingAddress.line1, '2 Main St');
    assert.throws(() => applyEdit(order, [change], { ...catalogOf(taxRates), newTaxRates: rates([60_000, 0, 0]) }), { code: 'INVALID_TRANSITION' });
  });

  it('can be forgiven to the minor unit', () => {
    fc.assert(
      fc.property(anyOrder, fc.array(anyChange, { minLength: 1, maxLength: 4 }), fc.nat(), ({ order, catalog }, changes, wish) => {
        const edited = tryEdit(order, changes, catalog);
        if (!edited) return;
        const amount = Math.min(wish, edited.total);
        const forgiven = forgive(order, edited, amount);
        assertAddsUp(order, forgiven);
        assert.equal(forgiven.total, edited.total - amount);
        assert.equal(forgiven.tax, edited.tax);
      }),
    );
  });
});
