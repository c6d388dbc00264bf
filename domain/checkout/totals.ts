import { invalid } from '../shared/errors.ts';
import { allocate, MAX_AMOUNT, multiplyRatio } from '../shared/money.ts';
import type { Promotion } from './promotion.ts';

/** A tax on everything of one category. Several rates of a category are added, not compounded. */
export interface TaxRate {
  readonly name: string;
  /** Parts per million: 8.875 % is 88_750. */
  readonly ratePpm: number;
  readonly taxCategory: string;
}

export interface PricedLine {
  readonly lineId: string;
  /** Minor units. */
  readonly unitAmount: number;
  readonly quantity: number;
  readonly taxCategory: string;
}

export interface TotalsInput {
  readonly currency: string;
  readonly pricesIncludeTax: boolean;
  readonly lines: readonly PricedLine[];
  /** Amount in minor units. */
  readonly shipping: { readonly amount: number; readonly taxCategory: string } | null;
  /** Already known to apply, see `promotionProblem`. */
  readonly promotion: Promotion | null;
  /** What an operator takes off the lines beside the promotion, minor units. */
  readonly operatorDiscount?: number;
  readonly taxRates: readonly TaxRate[];
}

/** One line, minor units. `total` is what the line costs: after discount, with tax. */
export interface LineTotals {
  readonly lineId: string;
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
}

/** What one tax comes to, minor units. */
export interface TaxLine {
  readonly name: string;
  readonly ratePpm: number;
  readonly amount: number;
}

/** The document's sums, minor units. `subtotal` and `shipping` are before discounts. */
export interface Totals {
  readonly currency: string;
  readonly subtotal: number;
  /** Of the lines and of shipping. */
  readonly discount: number;
  readonly shipping: number;
  /** Contained in `total`; added to the prices unless `pricesIncludeTax`. */
  readonly tax: number;
  readonly total: number;
  readonly lines: readonly LineTotals[];
  readonly taxLines: readonly TaxLine[];
  /** The part of `discount` that is shipping's. */
  readonly shippingDiscount: number;
  /** The part of `tax` that is shipping's. */
  readonly shippingTax: number;
  readonly pricesIncludeTax: boolean;
}

const PPM = 1_000_000;

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

function assertWhole(value: number, field: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw invalid(field, 'Must be a whole number, zero or more');
}

/** Checks a sum as well: neither can leave the safe integers, because each part was checked before it was added. */
function assertAmount(amount: number, field: string): void {
  assertWhole(amount, field);
  if (amount > MAX_AMOUNT) throw invalid(field, `Must not exceed ${MAX_AMOUNT} minor units`);
}

function lineSubtotal(line: PricedLine): number {
  assertAmount(line.unitAmount, `lines.${line.lineId}.unitAmount`);
  assertWhole(line.quantity, `lines.${line.lineId}.quantity`);
  const subtotal = line.unitAmount * line.quantity;
  // A product beyond the safe integers is no safe integer either, so it is refused here and not rounded.
  assertAmount(subtotal, `lines.${line.lineId}.quantity`);
  return subtotal;
}

/** What the promotion takes off the lines together: never more than they cost. */
function promotionDiscount(promotion: Promotion | null, subtotal: number): number {
  switch (promotion?.kind) {
    case 'percentage':
      return Math.min(subtotal, multiplyRatio(subtotal, promotion.value, PPM));
    case 'fixed_amount':
      return Math.min(subtotal, promotion.value);
    case 'free_shipping':
    case undefined:
      return 0;
  }
}

interface TaxableItem {
  readonly taxCategory: string;
  /** After discount, minor units. */
  readonly amount: number;
}

/**
 * Each rate is rounded once, over all that the document holds of its category, and then allocated to the items. So the tax
 * on the invoice is the rate times the base printed there, and items, tax lines and total agree to the cent; rounding item by
 * item would drift by half a minor unit an item. Inclusive prices contain base × rate ÷ (1 + all rates of the category).
 * @returns the tax lines, and each item's tax in the order of the items
 */
function computeTaxes(
  items: readonly TaxableItem[],
  rates: readonly TaxRate[],
  pricesIncludeTax: boolean,
): { taxLines: TaxLine[]; taxes: number[] } {
  const taxes = items.map(() => 0);
  const taxLines: TaxLine[] = [];
  for (const category of new Set(items.map((item) => item.taxCategory))) {
    const categoryRates = rates.filter((rate) => rate.taxCategory === category);
    const bases = items.map((item) => (item.taxCategory === category ? item.amount : 0));
    const divisor = pricesIncludeTax ? PPM + sum(categoryRates.map((rate) => rate.ratePpm)) : PPM;
    for (const { name, ratePpm } of categoryRates) {
      const amount = multiplyRatio(sum(bases), ratePpm, divisor);
      taxLines.push({ name, ratePpm, amount });
      allocate(amount, bases).forEach((part, index) => {
        taxes[index] = (taxes[index] ?? 0) + part;
      });
    }
  }
  return { taxLines: mergeEqualRates(taxLines), taxes };
}

/** One line for each tax that a shopper knows, though several categories bear it. */
function mergeEqualRates(taxLines: readonly TaxLine[]): TaxLine[] {
  const merged = new Map<string, TaxLine>();
  for (const line of taxLines) {
    const key = `${line.ratePpm} ${line.name}`;
    merged.set(key, { ...line, amount: line.amount + (merged.get(key)?.amount ?? 0) });
  }
  return [...merged.values()];
}

/**
 * Prices a cart: discount, tax and total, exact to the minor unit; the parts of the lines add up to those of the document.
 * total = subtotal − discount + shipping, and + tax unless the prices include it.
 * Throws `INVALID_INPUT` when an amount, quantity or rate is not a whole number of zero or more, or a sum passes `MAX_AMOUNT`.
 */
export function computeTotals(input: TotalsInput): Totals {
  const { currency, pricesIncludeTax, lines, promotion, operatorDiscount = 0, taxRates } = input;
  const shipping = input.shipping?.amount ?? 0;
  assertAmount(shipping, 'shipping.amount');
  assertWhole(promotion?.value ?? 0, 'promotion.value');
  assertAmount(operatorDiscount, 'operatorDiscount');
  for (const rate of taxRates) assertWhole(rate.ratePpm, 'taxRates');

  const subtotals = lines.map(lineSubtotal);
  const subtotal = sum(subtotals);
  assertAmount(subtotal, 'subtotal');

  const discounts = allocate(Math.min(subtotal, promotionDiscount(promotion, subtotal) + operatorDiscount), subtotals);
  const shippingDiscount = promotion?.kind === 'free_shipping' ? shipping : 0;
  const discount = sum(discounts) + shippingDiscount;

  const items: TaxableItem[] = lines.map((line, index) => ({
    taxCategory: line.taxCategory,
    amount: (subtotals[index] ?? 0) - (discounts[index] ?? 0),
  }));
  if (input.shipping) items.push({ taxCategory: input.shipping.taxCategory, amount: shipping - shippingDiscount });
  const { taxLines, taxes } = computeTaxes(items, taxRates, pricesIncludeTax);
  const tax = sum(taxes);

  const total = subtotal - discount + shipping + (pricesIncludeTax ? 0 : tax);
  assertAmount(total, 'total');

  return {
    currency,
    subtotal,
    discount,
    shipping,
    tax,
    total,
    lines: lines.map(({ lineId }, index) => {
      const lineTax = taxes[index] ?? 0;
      return {
        lineId,
        subtotal: subtotals[index] ?? 0,
        discount: discounts[index] ?? 0,
        tax: lineTax,
        total: (items[index]?.amount ?? 0) + (pricesIncludeTax ? 0 : lineTax),
      };
    }),
    taxLines,
    shippingDiscount,
    shippingTax: input.shipping ? (taxes[lines.length] ?? 0) : 0,
    pricesIncludeTax,
  };
}
