/** A discount that a shopper gets by its code. */
export interface Promotion {
  readonly id: string;
  readonly code: string;
  readonly kind: 'percentage' | 'fixed_amount' | 'free_shipping';
  /** Parts per million of a percentage (10 % is 100_000), minor units of a fixed amount, 0 for free shipping. */
  readonly value: number;
  /** The only currency it is for; null: any. */
  readonly currency: string | null;
  /** Minor units. */
  readonly minSubtotal: number;
  readonly startsAt: Date | null;
  /** The first moment at which it is over. */
  readonly endsAt: Date | null;
  readonly usageLimit: number | null;
  readonly timesUsed: number;
}

/** Why a promotion does not apply. */
export type PromotionProblem = 'NOT_STARTED' | 'ENDED' | 'USED_UP' | 'WRONG_CURRENCY' | 'SUBTOTAL_TOO_LOW';

/**
 * What keeps the promotion from applying to a cart, the lasting reasons first; undefined when it applies.
 * A fixed amount without a currency applies nowhere: 500 minor units are worth something else in each.
 * @param context.subtotal minor units, before discounts
 */
export function promotionProblem(
  promotion: Promotion,
  context: { readonly now: Date; readonly currency: string; readonly subtotal: number },
): PromotionProblem | undefined {
  if (promotion.endsAt !== null && context.now >= promotion.endsAt) return 'ENDED';
  if (promotion.usageLimit !== null && promotion.timesUsed >= promotion.usageLimit) return 'USED_UP';
  if (promotion.startsAt !== null && context.now < promotion.startsAt) return 'NOT_STARTED';
  const anyCurrency = promotion.currency === null && promotion.kind !== 'fixed_amount';
  if (!anyCurrency && promotion.currency !== context.currency) return 'WRONG_CURRENCY';
  if (context.subtotal < promotion.minSubtotal) return 'SUBTOTAL_TOO_LOW';
  return undefined;
}
