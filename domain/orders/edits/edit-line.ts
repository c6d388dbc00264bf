import { computeTotals, type TaxLine, type TaxRate } from '../../checkout/totals.ts';
import { DomainError, invalid } from '../../shared/errors.ts';
import { multiplyRatio } from '../../shared/money.ts';
import type { EditableLine } from './editable-order.ts';

/** What an item's tax is reckoned by. */
export interface TaxRules {
  readonly currency: string;
  readonly pricesIncludeTax: boolean;
  readonly taxRates: readonly TaxRate[];
}

/** What a line is taxed on, minor units. */
export const baseOf = (line: Pick<EditableLine, 'subtotal' | 'discount'>): number => Math.max(0, line.subtotal - line.discount);

/** The line's total follows from its parts. */
export const retotal = (line: EditableLine, pricesIncludeTax: boolean): EditableLine => ({
  ...line,
  total: line.subtotal - line.discount + (pricesIncludeTax ? 0 : line.tax),
});

/** What so many units at a price are taxed now; with the tax lines of it. */
export function taxOf(
  { unitAmount, quantity, taxCategory }: Pick<EditableLine, 'unitAmount' | 'quantity' | 'taxCategory'>,
  rules: TaxRules,
): { tax: number; taxLines: readonly TaxLine[] } {
  const totals = computeTotals({ ...rules, lines: [{ lineId: 'line', unitAmount, quantity, taxCategory }], shipping: null, promotion: null });
  return { tax: totals.tax, taxLines: totals.taxLines };
}

/** What was refunded of the line's units, as its total and its units are. Minor units. */
export const refundedValue = ({ total, quantity, refundedQuantity }: Pick<EditableLine, 'total' | 'quantity' | 'refundedQuantity'>): number =>
  quantity === 0 ? 0 : multiplyRatio(total, refundedQuantity, quantity);

/**
 * The line with fewer units: discount and tax shrink in proportion, rounded once. Of the units that are taken out, those go first
 * that were refunded and have not come back. Raises INVALID_TRANSITION for units that are in parcels.
 */
export function withFewerUnits(line: EditableLine, quantity: number, field: string): EditableLine {
  if (quantity < line.fulfillmentQuantity) {
    throw new DomainError('INVALID_TRANSITION', `${line.fulfillmentQuantity} of ${line.sku} are in parcels: cancel these, or ask for a return`, field);
  }
  const removed = line.quantity - quantity;
  const refunded = Math.min(removed, Math.max(0, line.refundedQuantity - line.returnedQuantity));
  return {
    ...line,
    quantity,
    canceledQuantity: line.canceledQuantity + removed,
    refundedQuantity: line.refundedQuantity - refunded,
    subtotal: line.unitAmount * quantity,
    discount: multiplyRatio(line.discount, quantity, line.quantity),
    tax: multiplyRatio(line.tax, quantity, line.quantity),
  };
}

/**
 * The line with more units, at its price and without discount; they are taxed as its other units are, or by the present rates when
 * there are none. Units that were taken out before and come back are no longer counted as canceled.
 */
export function withMoreUnits(line: EditableLine, quantity: number, rules: TaxRules): EditableLine {
  const added = quantity - line.quantity;
  const base = baseOf(line);
  const price = line.unitAmount * added;
  const tax = base > 0 ? multiplyRatio(line.tax, price, base) : taxOf({ ...line, quantity: added }, rules).tax;
  return {
    ...line,
    quantity,
    canceledQuantity: Math.max(0, line.canceledQuantity - added),
    subtotal: line.unitAmount * quantity,
    tax: line.tax + tax,
  };
}

/** The line with so much more off; its tax shrinks with what it is taxed on. Raises INVALID_INPUT when the line costs less. */
export function withDiscount(line: EditableLine, amount: number, field: string): EditableLine {
  const base = baseOf(line);
  if (amount > base) throw invalid(field, `At most ${base} can be taken off ${line.sku}`);
  return { ...line, discount: line.discount + amount, tax: base === 0 ? line.tax : multiplyRatio(line.tax, base - amount, base) };
}
