import type { Address } from '../../checkout/address.ts';
import { MAX_LINES, MAX_QUANTITY } from '../../checkout/cart-rules.ts';
import type { ShippingMethodQuote } from '../../checkout/cart.ts';
import { computeTotals, type TaxLine, type TaxRate } from '../../checkout/totals.ts';
import { assertNever, DomainError, invalid, notFound } from '../../shared/errors.ts';
import { allocate, MAX_AMOUNT, multiplyRatio } from '../../shared/money.ts';
import type { AddDiscount, AddLine, EditChange, SetQuantity, SetShipping } from './edit-change.ts';
import { baseOf, refundedValue, retotal, taxOf, withDiscount, withFewerUnits, withMoreUnits, type TaxRules } from './edit-line.ts';
import type { EditableLine, EditableOrder, EditCatalog } from './editable-order.ts';
import { mergeTax, shiftTax } from './tax-lines.ts';

/** The order as an edit would make it. Amounts in minor units. */
export interface EditedOrder {
  readonly lines: readonly EditableLine[];
  readonly shippingMethod: ShippingMethodQuote;
  readonly shipping: number;
  readonly shippingRefunded: number;
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
  readonly taxLines: readonly TaxLine[];
  readonly email: string;
  readonly shippingAddress: Address;
  readonly billingAddress: Address;
  /** What the order costs more, or less when negative. */
  readonly difference: number;
  /** What of refunds made before was for units and shipping that the order no longer has: it is not paid back twice. */
  readonly refundedValue: number;
}

interface Shipping {
  readonly method: ShippingMethodQuote;
  readonly amount: number;
  readonly discount: number;
  readonly tax: number;
}

const PPM = 1_000_000;

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

/** The order in the making; each change turns it into the next one. */
interface Draft {
  readonly lines: readonly EditableLine[];
  readonly shipping: Shipping;
  readonly taxLines: readonly TaxLine[];
  readonly email: string;
  readonly shippingAddress: Address;
  readonly billingAddress: Address;
}

const shippingTotal = ({ amount, discount, tax }: Shipping, pricesIncludeTax: boolean): number => amount - discount + (pricesIncludeTax ? 0 : tax);

function assertAmount(amount: number, field: string): void {
  if (!Number.isSafeInteger(amount) || amount < 0 || amount > MAX_AMOUNT) throw invalid(field, `Must be 0 to ${MAX_AMOUNT} minor units`);
}

function assertQuantity(quantity: number, least: 0 | 1, field: string): void {
  if (!Number.isSafeInteger(quantity) || quantity < least || quantity > MAX_QUANTITY) throw invalid(field, `Must be a whole number from ${least} to ${MAX_QUANTITY}`);
}

/** Reckons what a list of changes makes of an order, without changing anything. */
class Edit {
  readonly #order: EditableOrder;
  readonly #catalog: EditCatalog;
  readonly #rules: TaxRules;

  constructor(order: EditableOrder, catalog: EditCatalog) {
    this.#order = order;
    this.#catalog = catalog;
    this.#rules = { currency: order.currency, pricesIncludeTax: order.pricesIncludeTax, taxRates: catalog.taxRates };
  }

  #ratesOf(taxCategory: string): TaxRate[] {
    return this.#catalog.taxRates.filter((rate) => rate.taxCategory === taxCategory);
  }

  #lineOf(draft: Draft, orderLineId: string, field: string): EditableLine {
    const line = draft.lines.find(({ id }) => id === orderLineId);
    if (!line) throw invalid(`${field}.orderLineId`, 'The order has no such line');
    return line;
  }

  /** Puts the changed line in place, with its total and the order's tax lines. */
  #replace(draft: Draft, before: EditableLine, changed: EditableLine): Draft {
    const after = retotal(changed, this.#order.pricesIncludeTax);
    return {
      ...draft,
      lines: draft.lines.map((line) => (line.id === after.id ? after : line)),
      taxLines: shiftTax(draft.taxLines, after.tax - before.tax, this.#ratesOf(after.taxCategory)),
    };
  }

  setQuantity(draft: Draft, { orderLineId, quantity }: SetQuantity, field: string): Draft {
    assertQuantity(quantity, 0, `${field}.quantity`);
    const line = this.#lineOf(draft, orderLineId, field);
    if (quantity <= line.quantity) return this.#replace(draft, line, withFewerUnits(line, quantity, `${field}.quantity`));
    const more = withMoreUnits(line, quantity, this.#rules);
    if (baseOf(line) > 0) return this.#replace(draft, line, more);
    // Nothing to reckon its tax by: as a new line, whose tax lines are known.
    const { taxLines } = taxOf({ ...line, quantity: quantity - line.quantity }, this.#rules);
    return { ...this.#replace({ ...draft, taxLines: [] }, line, { ...more }), taxLines: mergeTax(draft.taxLines, taxLines) };
  }

  addLine(draft: Draft, change: AddLine, field: string): Draft {
    const { variantId, quantity, lineId } = change;
    assertQuantity(quantity, 1, `${field}.quantity`);
    const variant = this.#catalog.variants.find(({ id }) => id === variantId);
    if (!variant?.sellable) throw notFound('The variant', `${field}.variantId`);
    const unitAmount = change.unitAmount ?? variant.unitAmount;
    if (unitAmount === null) throw invalid(`${field}.variantId`, `The variant is not sold in ${this.#order.currency}`);
    assertAmount(unitAmount, `${field}.unitAmount`);
    assertAmount(unitAmount * quantity, `${field}.quantity`);
    const { tax, taxLines } = taxOf({ unitAmount, quantity, taxCategory: variant.taxCategory }, this.#rules);
    const { sku, productTitle, variantTitle, taxCategory, inventory } = variant;
    const line: EditableLine = {
      ...{ id: lineId, position: Math.max(0, ...draft.lines.map(({ position }) => position)) + 1 },
      ...{ variantId, sku, productTitle, variantTitle, taxCategory, inventory, unitAmount, quantity },
      ...{ canceledQuantity: 0, fulfillmentQuantity: 0, returnedQuantity: 0, refundedQuantity: 0 },
      ...{ subtotal: unitAmount * quantity, discount: 0, tax, total: 0 },
    };
    return { ...draft, lines: [...draft.lines, retotal(line, this.#order.pricesIncludeTax)], taxLines: mergeTax(draft.taxLines, taxLines) };
  }

  setShipping(draft: Draft, change: SetShipping, field: string): Draft {
    const before = draft.shipping;
    const method =
      change.shippingMethodId === undefined ? before.method : this.#catalog.shippingMethods.find(({ id }) => id === change.shippingMethodId);
    if (!method) throw notFound('The shipping method', `${field}.shippingMethodId`);
    const amount = change.amount ?? method.amount;
    assertAmount(amount, `${field}.amount`);
    // Free shipping stays free, and half a discount stays half of it.
    const discount = before.amount === 0 ? 0 : Math.min(amount, multiplyRatio(before.discount, amount, before.amount));
    const { taxCategory } = method;
    const { id, code, name, description } = method;
    const totals = computeTotals({ ...this.#rules, lines: [], shipping: { amount: amount - discount, taxCategory }, promotion: null });
    return {
      ...draft,
      shipping: { method: { id, code, name, description, taxCategory, amount }, amount, discount, tax: totals.tax },
      taxLines: mergeTax(shiftTax(draft.taxLines, -before.tax, this.#ratesOf(before.method.taxCategory)), totals.taxLines),
    };
  }

  addDiscount(draft: Draft, { orderLineId, off }: AddDiscount, field: string): Draft {
    const lines = orderLineId === undefined ? draft.lines : [this.#lineOf(draft, orderLineId, field)];
    const bases = lines.map(baseOf);
    const base = sum(bases);
    if ('percentPpm' in off && (!Number.isSafeInteger(off.percentPpm) || off.percentPpm < 1 || off.percentPpm > PPM)) {
      throw invalid(`${field}.percentPpm`, 'Must be 1 to 1000000 parts per million');
    }
    const amount = 'amount' in off ? off.amount : multiplyRatio(base, off.percentPpm, PPM);
    assertAmount(amount, `${field}.amount`);
    if (amount > base) throw invalid(`${field}.amount`, `At most ${base} can be taken off`);
    return allocate(amount, bases).reduce<Draft>((present, part, index) => {
      const line = lines[index];
      return line ? this.#replace(present, line, withDiscount(line, part, `${field}.amount`)) : present;
    }, draft);
  }

  /** Another place is taxed otherwise, which would change the price of what was sold: only one with the same rates will do. */
  #requireSameTax(field: string): void {
    const { taxRates, newTaxRates = taxRates } = this.#catalog;
    const text = (rates: readonly TaxRate[]): string => JSON.stringify(rates.map(({ name, ratePpm, taxCategory }) => `${name} ${ratePpm} ${taxCategory}`).sort());
    if (text(taxRates) === text(newTaxRates)) return;
    throw new DomainError('INVALID_TRANSITION', 'The new address is taxed otherwise: cancel the order and place it anew', field);
  }

  setShippingAddress(draft: Draft, address: Address, field: string): Draft {
    this.#requireSameTax(`${field}.address`);
    if (this.#order.lines.some(({ fulfillmentQuantity }) => fulfillmentQuantity > 0)) {
      throw new DomainError('INVALID_TRANSITION', 'Parcels have been made for the old address: cancel them first', `${field}.address`);
    }
    return { ...draft, shippingAddress: address };
  }

  apply(draft: Draft, change: EditChange, field: string): Draft {
    switch (change.kind) {
      case 'set_quantity':
        return this.setQuantity(draft, change, field);
      case 'add_line':
        return this.addLine(draft, change, field);
      case 'set_shipping':
        return this.setShipping(draft, change, field);
      case 'add_discount':
        return this.addDiscount(draft, change, field);
      case 'set_shipping_address':
        return this.setShippingAddress(draft, change.address, field);
      case 'set_billing_address':
        return { ...draft, billingAddress: change.address };
      case 'set_email':
        return { ...draft, email: change.email };
      default:
        return assertNever(change);
    }
  }
}

/** The sums of what was drafted, checked, and how they differ from the order's. */
function conclude(order: EditableOrder, { lines, shipping, ...draft }: Draft): EditedOrder {
  const subtotal = sum(lines.map((line) => line.subtotal));
  assertAmount(subtotal, 'changes');
  const total = sum(lines.map((line) => line.total)) + shippingTotal(shipping, order.pricesIncludeTax);
  assertAmount(total, 'changes');
  if (lines.length > MAX_LINES) throw invalid('changes', `At most ${MAX_LINES} lines fit in an order`);
  if (lines.every(({ quantity }) => quantity === 0)) throw new DomainError('INVALID_TRANSITION', 'Nothing would be left: cancel the order instead', 'changes');
  const shippingRefunded = Math.min(order.shippingRefunded, shippingTotal(shipping, order.pricesIncludeTax));
  const before = sum(order.lines.map(refundedValue)) + order.shippingRefunded;
  return {
    ...draft,
    lines,
    shippingMethod: shipping.method,
    shipping: shipping.amount,
    shippingRefunded,
    subtotal,
    discount: sum(lines.map((line) => line.discount)) + shipping.discount,
    tax: sum(lines.map((line) => line.tax)) + shipping.tax,
    total,
    difference: total - order.total,
    refundedValue: before - sum(lines.map(refundedValue)) - shippingRefunded,
  };
}

/** Shipping's part of an order: what its sums are more than those of its lines. */
const shippingOf = (order: EditableOrder): Shipping => ({
  method: order.shippingMethod,
  amount: order.shipping,
  discount: order.discount - sum(order.lines.map((line) => line.discount)),
  tax: order.tax - sum(order.lines.map((line) => line.tax)),
});

/**
 * What the changes, one after the other, make of the order. Pure. Lines and shipping always add up to the totals.
 * Fewer units: discount and tax shrink in proportion. More units: the line's price, no discount, the line's tax. New lines: the
 * present price and rates. Raises INVALID_INPUT and NOT_FOUND naming `changes.<index>.<field>`, INVALID_TRANSITION for what has
 * gone too far to be changed.
 */
export function applyEdit(order: EditableOrder, changes: readonly EditChange[], catalog: EditCatalog): EditedOrder {
  const edit = new Edit(order, catalog);
  const { lines, taxLines, email, shippingAddress, billingAddress } = order;
  const draft: Draft = { lines, taxLines, email, shippingAddress, billingAddress, shipping: shippingOf(order) };
  return conclude(
    order,
    changes.reduce<Draft>((present, change, index) => edit.apply(present, change, `changes.${index}`), draft),
  );
}

/**
 * The edited order with so much of it forgiven, as a discount on lines and shipping: what the customer pays, its tax included, goes
 * down by exactly this amount, and the store bears the tax. At most the order's total, minor units.
 */
export function forgive(order: EditableOrder, edited: EditedOrder, amount: number): EditedOrder {
  const shipping: Shipping = shippingOf({ ...order, ...edited });
  const ofShipping = shippingTotal(shipping, order.pricesIncludeTax);
  const parts = allocate(amount, [...edited.lines.map(({ total }) => total), ofShipping]);
  const lines = edited.lines.map((line, index) => ({ ...line, discount: line.discount + (parts[index] ?? 0), total: line.total - (parts[index] ?? 0) }));
  const { taxLines, email, shippingAddress, billingAddress } = edited;
  const discount = shipping.discount + (parts.at(-1) ?? 0);
  return conclude(order, { lines, taxLines, email, shippingAddress, billingAddress, shipping: { ...shipping, discount } });
}
