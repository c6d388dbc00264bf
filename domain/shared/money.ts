/** ISO 4217 alphabetic code, upper case: `EUR`, `USD`, `JPY`. */
export type Currency = string;

/** An amount in the currency's minor unit (cents for EUR, yen for JPY); always a safe integer. */
export interface Money {
  readonly amount: number;
  readonly currency: Currency;
}

/** Exact integer division that rounds half away from zero, the rounding that tax authorities expect by default. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const rounded = (n * 2n + d) / (d * 2n);
  return negative ? -rounded : rounded;
}

/** `amount × numerator ÷ denominator` in minor units, rounded half away from zero, without floating point. */
export function multiplyRatio(amount: number, numerator: number, denominator: number): number {
  return Number(divideRounded(BigInt(amount) * BigInt(numerator), BigInt(denominator)));
}

/**
 * Splits `total` in proportion to `weights` so that the parts add up to `total` exactly (largest remainder method).
 * Equal remainders go to the earlier part. All-zero weights split evenly. An empty list gives an empty list.
 */
export function allocate(total: number, weights: readonly number[]): number[] {
  if (weights.length === 0) return [];
  const sum = weights.reduce((a, b) => a + b, 0);
  const shares = sum === 0 ? weights.map(() => 1) : weights;
  const divisor = BigInt(sum === 0 ? weights.length : sum);
  const sign = total < 0 ? -1 : 1;
  const magnitude = BigInt(Math.abs(total));
  const parts = shares.map((weight, index) => {
    const scaled = magnitude * BigInt(weight);
    return { index, whole: scaled / divisor, remainder: scaled % divisor };
  });
  let left = magnitude - parts.reduce((a, part) => a + part.whole, 0n);
  const result = parts.map((part) => part.whole);
  for (const part of [...parts].sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))) {
    if (left === 0n) break;
    result[part.index] = (result[part.index] ?? 0n) + 1n;
    left -= 1n;
  }
  return result.map((part) => sign * Number(part) || 0);
}

/** The largest amount a cart or an order may reach, in minor units; keeps every product of amounts a safe integer. */
export const MAX_AMOUNT = 1_000_000_000_000;

/** Whether `code` looks like an ISO 4217 alphabetic code. */
export const isCurrencyCode = (code: string): boolean => /^[A-Z]{3}$/.test(code);
