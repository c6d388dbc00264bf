import type { TaxLine, TaxRate } from '../../checkout/totals.ts';
import { allocate } from '../../shared/money.ts';

const isOf = (line: TaxLine, rate: Pick<TaxRate, 'name' | 'ratePpm'>): boolean => line.name === rate.name && line.ratePpm === rate.ratePpm;

/** Takes at most what is there from some of the tax lines; tells what is still to be taken. */
function takeFrom(taxLines: TaxLine[], amount: number, weigh: (line: TaxLine) => number): number {
  const weights = taxLines.map((line) => (line.amount > 0 ? weigh(line) : 0));
  if (weights.every((weight) => weight === 0)) return amount;
  let left = amount;
  allocate(amount, weights).forEach((part, index) => {
    const line = taxLines[index];
    if (!line) return;
    const taken = Math.min(part, line.amount, left);
    taxLines[index] = { ...line, amount: line.amount - taken };
    left -= taken;
  });
  return left;
}

/**
 * The tax lines after the tax of one item has changed by `delta` minor units: first those of its rates change, in proportion to the
 * rates, then the others by what they amount to. Their sum changes by exactly `delta`; none becomes negative while their sum suffices.
 */
export function shiftTax(taxLines: readonly TaxLine[], delta: number, rates: readonly TaxRate[]): TaxLine[] {
  const shifted = [...taxLines];
  if (delta === 0) return shifted;
  const own = (line: TaxLine): number => (rates.some((rate) => isOf(line, rate)) ? line.ratePpm : 0);
  if (delta < 0) {
    let left = takeFrom(shifted, -delta, own);
    // Rounding may leave a few units for lines that the first round had emptied.
    while (left > 0 && shifted.some((line) => line.amount > 0)) left = takeFrom(shifted, left, (line) => line.amount);
    return shifted;
  }
  const weights = shifted.map(own);
  const parts = allocate(delta, weights.some((weight) => weight > 0) ? weights : shifted.map((line) => line.amount));
  return shifted.map((line, index) => ({ ...line, amount: line.amount + (parts[index] ?? 0) }));
}

/** Adds tax lines; those of one name and rate become one. */
export function mergeTax(taxLines: readonly TaxLine[], more: readonly TaxLine[]): TaxLine[] {
  const merged = [...taxLines];
  for (const line of more) {
    const index = merged.findIndex((known) => isOf(known, line));
    const known = merged[index];
    if (known) merged[index] = { ...known, amount: known.amount + line.amount };
    else merged.push(line);
  }
  return merged;
}
