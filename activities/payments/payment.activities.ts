import type { CheckoutService } from '../../services/checkout/checkout-service.ts';
import type { PaymentService } from '../../services/payments/payment-service.ts';
import type { CheckoutPaymentActivities } from '../../temporal/contracts/checkout.ts';
import type { OrderPaymentActivities } from '../../temporal/contracts/orders.ts';
import { withFailures } from '../failures.ts';
import { whileHeartbeating } from '../heartbeat.ts';

/**
 * The gateway calls of checkouts and orders. What the gateway says is recorded in the same activity, right after the call:
 * it needs no trip through the workflow, and no details of a card enter its history.
 */
export function createPaymentActivities(deps: { payments: PaymentService; checkouts: CheckoutService }): CheckoutPaymentActivities & OrderPaymentActivities {
  const { payments, checkouts } = deps;
  return withFailures({
    payCheckout: ({ checkoutId, ...options }) =>
      whileHeartbeating(async () => checkouts.settle(checkoutId, await payments.authorize(checkoutId, options))),
    refreshCheckout: ({ checkoutId }) =>
      whileHeartbeating(async () => {
        const told = await payments.readBack(checkoutId);
        return told ? checkouts.settle(checkoutId, told) : checkouts.resume(checkoutId);
      }),
    stopCheckoutPayment: ({ checkoutId }) =>
      whileHeartbeating(async () => {
        const told = await payments.stop(checkoutId);
        return told?.state === 'captured' || told?.state === 'authorized' ? checkouts.settle(checkoutId, told) : null;
      }),
    async returnMoney({ checkoutId, reason }) {
      await whileHeartbeating(() => payments.returnMoney(checkoutId, reason));
    },
    capturePayment: ({ orderId }) => whileHeartbeating(() => payments.capture(orderId)),
  } satisfies CheckoutPaymentActivities & OrderPaymentActivities);
}
