import { MAX_LINES, validateQuantity } from '../../domain/checkout/cart-rules.ts';
import type { Buyer } from '../../domain/checkout/cart-store.ts';
import type { DraftLineInput } from '../../domain/checkout/draft-order-desk.ts';
import type { DraftLine } from '../../domain/checkout/draft-order-store.ts';
import { invalid, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { MAX_AMOUNT } from '../../domain/shared/money.ts';
import type { Stores } from '../stores.ts';

/** Checks an amount of minor units and returns it. Raises INVALID_INPUT naming `field`. */
export function draftAmount(amount: number, field: string, minimum: 0 | 1): number {
  if (!Number.isSafeInteger(amount) || amount < minimum || amount > MAX_AMOUNT) {
    throw invalid(field, `Must be a whole number of minor units from ${minimum} to ${MAX_AMOUNT}`);
  }
  return amount;
}

/**
 * An operator's lines, checked and priced; a variant without a price in the currency needs a fixed one.
 * Raises INVALID_INPUT, NOT_FOUND.
 */
export async function draftLines(
  stores: Stores,
  newId: IdGenerator,
  lines: readonly DraftLineInput[],
  to: Buyer,
): Promise<DraftLine[]> {
  if (lines.length > MAX_LINES) throw invalid('lines', `At most ${MAX_LINES} lines fit in a draft`);
  const variants = await stores.carts.sellableVariants([...new Set(lines.map(({ variantId }) => variantId))], to);
  const prices = new Map(variants.map(({ id, unitAmount }) => [id, unitAmount]));
  const seen = new Set<string>();
  return lines.map(({ variantId, quantity, unitAmount, reason }, index) => {
    const field = `lines.${index}`;
    const price = prices.get(variantId);
    if (price === undefined) throw notFound('The variant', `${field}.variantId`);
    if (seen.has(variantId)) throw invalid(`${field}.variantId`, 'There is another line of the variant');
    seen.add(variantId);
    if ((unitAmount === undefined) !== (reason === undefined))
      throw invalid(`${field}.reason`, 'A price of your own and its reason belong together');
    const fixedAmount = unitAmount === undefined ? null : draftAmount(unitAmount, `${field}.unitAmount`, 0);
    const quotedAmount = fixedAmount ?? price;
    if (quotedAmount === null) throw invalid(`${field}.unitAmount`, `The variant is not sold in ${to.currency}: set a price`);
    return {
      id: newId('cartLine'),
      variantId,
      quantity: validateQuantity(quantity, `${field}.quantity`),
      fixedAmount,
      quotedAmount,
    };
  });
}
