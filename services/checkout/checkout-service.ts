import type { ReviewDecision } from '../../domain/checkout/checkout.ts';
import type { CheckoutRecord } from '../../domain/checkout/checkout-store.ts';
import type { CheckoutReader } from '../../domain/checkout/checkout-reader.ts';
import { isTerminalCheckoutStatus } from '../../domain/checkout/checkout-status.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import type { CheckoutSubmission } from '../../domain/checkout/submission.ts';
import type { GatewayPayment } from '../../domain/payments/gateway.ts';
import { notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores, Work } from '../stores.ts';
import { createBeginCheckout, type BeginCheckoutDeps } from './begin-checkout.ts';
import { hashCartToken } from './cart-tokens.ts';
import { createDecideReview } from './decide-review.ts';
import { endCheckout } from './end-checkout.ts';
import { askScorer, type ScorerUse } from './fraud/ask-scorer.ts';
import { createSettlePayment } from './settle-payment.ts';
import { standingOf } from './standing-of.ts';
import { tellOfCheckout } from './tell-of-checkout.ts';

/** The steps of a checkout, each one transaction and safe to repeat. */
export interface CheckoutService {
  begin(submission: CheckoutSubmission): Promise<CheckoutStanding>;
  /** Where a stored checkout stands. */
  resume(checkoutId: string): Promise<CheckoutStanding>;
  settle(checkoutId: string, told: GatewayPayment): Promise<CheckoutStanding>;
  decide(decision: ReviewDecision): Promise<CheckoutStanding>;
  /** Reminds the customer who has to finish the payment; once, and not when that is done. */
  remind(checkoutId: string): Promise<void>;
  /** Ends it without an order, unless it has ended. `message`: why the gateway declined. */
  end(checkoutId: string, status: 'expired' | 'canceled' | 'failed' | 'declined', message?: string): Promise<CheckoutStanding>;
}

/** Tells those who send mails that the customer has not finished the payment, once. */
async function remind(stores: Stores, newId: IdGenerator, checkout: CheckoutRecord): Promise<void> {
  if (checkout.status !== 'action_required' || !(await stores.checkouts.markReminded(checkout.id))) return;
  await tellOfCheckout(stores, newId, 'checkout.payment_reminder', checkout, { expiresAt: checkout.holdExpiresAt.toISOString() });
}

/** The use cases of the checkout process. `scorer`: the store's own, if it has one. */
export function createCheckoutService(deps: BeginCheckoutDeps & { scorer?: ScorerUse | undefined }): CheckoutService {
  const { work, newId, now, keyedHash, scorer } = deps;
  const settlePayment = createSettlePayment(deps);
  return {
    begin: createBeginCheckout(deps),
    async settle(checkoutId, told) {
      return settlePayment(checkoutId, told, scorer && (await askScorer(work.stores, scorer, keyedHash, checkoutId, told)));
    },
    decide: createDecideReview(deps),
    async resume(checkoutId) {
      const checkout = await work.stores.checkouts.get(checkoutId);
      if (!checkout) throw notFound('The checkout', 'checkoutId');
      return standingOf(checkout, await work.stores.payments.ofCheckout(checkoutId), now());
    },
    remind: (checkoutId) =>
      work.transaction(async (stores) => {
        const checkout = await stores.checkouts.lock(checkoutId);
        if (checkout) await remind(stores, newId, checkout);
      }),
    end: (checkoutId, status, message) =>
      work.transaction(async (stores) => {
        const checkout = await stores.checkouts.lock(checkoutId);
        if (!checkout) throw notFound('The checkout', 'checkoutId');
        if (isTerminalCheckoutStatus(checkout.status)) return standingOf(checkout, await stores.payments.ofCheckout(checkoutId), now());
        const declined = { kind: 'declined' as const, checkoutId, reason: 'payment_method_refused', message: message ?? 'The payment was refused', retryable: true };
        return endCheckout(stores, newId, checkout, status === 'declined' ? { status, answer: declined } : { status });
      }),
  };
}

/** What the API reads of checkouts. */
export const createCheckoutReader = (work: Work): CheckoutReader => ({
  async find(cartToken, checkoutId) {
    const cart = await work.stores.carts.findByToken(hashCartToken(cartToken));
    if (!cart) return undefined;
    const checkout = checkoutId === undefined ? await work.stores.checkouts.latest(cart.id) : await work.stores.checkouts.get(checkoutId);
    return checkout?.cartId === cart.id ? checkout : undefined;
  },
  findById: (id) => work.stores.checkouts.get(id),
  list: (page, filter) => work.stores.checkouts.list(page, filter),
  async openForSubmit(cartToken) {
    const cart = await work.stores.carts.findByToken(hashCartToken(cartToken));
    return cart && { cartId: cart.id, orderId: cart.orderId };
  },
});
