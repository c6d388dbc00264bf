import type { PaymentService } from '../../services/payments/payment-service.ts';
import type { CheckoutPaymentActivities } from '../../temporal/contracts/checkout.ts';
import type { OrderPaymentActivities } from '../../temporal/contracts/orders.ts';
import { withFailures } from '../failures.ts';
import { whileHeartbeating } from '../heartbeat.ts';

/** The gateway calls of checkouts and orders. */
export const createPaymentActivities = (payments: PaymentService): CheckoutPaymentActivities & OrderPaymentActivities =>
  withFailures({
    authorizePayment: ({ checkoutId, ...options }) => whileHeartbeating(() => payments.authorize(checkoutId, options)),
    readBackPayment: async ({ checkoutId }) => (await whileHeartbeating(() => payments.readBack(checkoutId))) ?? null,
    stopPayment: async ({ checkoutId }) => (await whileHeartbeating(() => payments.stop(checkoutId))) ?? null,
    async returnMoney({ checkoutId, reason }) {
      await whileHeartbeating(() => payments.returnMoney(checkoutId, reason));
    },
    capturePayment: ({ orderId }) => whileHeartbeating(() => payments.capture(orderId)),
  } satisfies CheckoutPaymentActivities & OrderPaymentActivities);
