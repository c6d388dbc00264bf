import type { CheckoutService } from '../../services/checkout/checkout-service.ts';
import type { OrderService } from '../../services/orders/order-service.ts';
import type { CheckoutSteps } from '../../temporal/contracts/checkout.ts';
import { withFailures } from '../failures.ts';

/** The database steps of a checkout. */
export const createCheckoutActivities = (deps: { checkouts: CheckoutService; orders: OrderService }): CheckoutSteps =>
  withFailures({
    beginCheckout: (submission) => deps.checkouts.begin(submission),
    resumeCheckout: ({ checkoutId }) => deps.checkouts.resume(checkoutId),
    decideReview: (decision) => deps.checkouts.decide(decision),
    endCheckout: ({ checkoutId, status, message }) => deps.checkouts.end(checkoutId, status, message),
    remindCustomer: ({ checkoutId }) => deps.checkouts.remind(checkoutId),
    raiseIncident: (incident) => deps.orders.raiseIncident(incident),
  } satisfies CheckoutSteps);
