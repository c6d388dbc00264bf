import type { ReviewDecision } from '../../domain/checkout/checkout.ts';
import type { CheckoutReader } from '../../domain/checkout/checkout-reader.ts';
import { isTerminalCheckoutStatus } from '../../domain/checkout/checkout-status.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import type { CheckoutSubmission } from '../../domain/checkout/submission.ts';
import type { GatewayPayment } from '../../domain/payments/gateway.ts';
import { notFound } from '../../domain/shared/errors.ts';
import type { Work } from '../stores.ts';
import { createBeginCheckout, type BeginCheckoutDeps } from './begin-checkout.ts';
import { hashCartToken } from './cart-tokens.ts';
import { createDecideReview } from './decide-review.ts';
import { endCheckout } from './end-checkout.ts';
import { createSettlePayment } from './settle-payment.ts';
import { standingOf } from './standing-of.ts';

/** The steps of a checkout, each one transaction and safe to repeat. */
export interface CheckoutService {
  begin(submission: CheckoutSubmission): Promise<CheckoutStanding>;
  /** Where a stored checkout stands. */
  resume(checkoutId: string): Promise<CheckoutStanding>;
  settle(checkoutId: string, told: GatewayPayment): Promise<CheckoutStanding>;
  decide(decision: ReviewDecision): Promise<CheckoutStanding>;
  /** Ends it without an order, unless it has ended. `message`: why the gateway declined. */
  end(checkoutId: string, status: 'expired' | 'canceled' | 'failed' | 'declined', message?: string): Promise<CheckoutStanding>;
}

/** The use cases of the checkout process. */
export function createCheckoutService(deps: BeginCheckoutDeps): CheckoutService {
  const { work, now } = deps;
  return {
    begin: createBeginCheckout(deps),
    settle: createSettlePayment(deps),
    decide: createDecideReview(deps),
    async resume(checkoutId) {
      const checkout = await work.stores.checkouts.get(checkoutId);
      if (!checkout) throw notFound('The checkout', 'checkoutId');
      return standingOf(checkout, await work.stores.payments.ofCheckout(checkoutId), now());
    },
    end: (checkoutId, status, message) =>
      work.transaction(async (stores) => {
        const checkout = await stores.checkouts.lock(checkoutId);
        if (!checkout) throw notFound('The checkout', 'checkoutId');
        if (isTerminalCheckoutStatus(checkout.status)) return standingOf(checkout, await stores.payments.ofCheckout(checkoutId), now());
        const declined = { kind: 'declined' as const, checkoutId, reason: 'payment_method_refused', message: message ?? 'The payment was refused', retryable: true };
        return endCheckout(stores, checkout, status === 'declined' ? { status, answer: declined } : { status });
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
