import type { CheckoutService } from '../../services/checkout/checkout-service.ts';
import type { PaymentRefresher } from '../../domain/payments/payment-refresher.ts';
import type { CheckoutPayments } from '../../services/payments/checkout-payments.ts';
import type { OrderPayments } from '../../services/payments/order-payments.ts';
import type { RefundService } from '../../services/payments/refund-service.ts';
import type { RenewAuthorizations } from '../../services/payments/renew-authorizations.ts';
import type { ReturnMoney } from '../../services/payments/return-money.ts';
import type { CheckoutPaymentActivities } from '../../temporal/contracts/checkout.ts';
import type { OrderPaymentActivities } from '../../temporal/contracts/orders.ts';
import type { RefundActivities } from '../../temporal/contracts/refunds.ts';
import { withFailures } from '../failures.ts';
import { whileHeartbeating } from '../heartbeat.ts';

export interface PaymentActivityDeps {
  readonly checkouts: CheckoutService;
  readonly checkoutPayments: CheckoutPayments;
  readonly orderPayments: OrderPayments;
  readonly refunds: RefundService;
  readonly refresher: PaymentRefresher;
  readonly renewAuthorizations: RenewAuthorizations;
  readonly returnMoney: ReturnMoney;
}

type PaymentActivities = CheckoutPaymentActivities & OrderPaymentActivities & RefundActivities;

/**
 * The gateway calls of checkouts and orders. What the gateway says is recorded in the same activity, right after the call:
 * it needs no trip through the workflow, and no details of a card enter its history.
 */
export function createPaymentActivities(deps: PaymentActivityDeps): PaymentActivities {
  const { checkouts, checkoutPayments, orderPayments, refunds, refresher, renewAuthorizations, returnMoney } = deps;
  return withFailures({
    payCheckout: ({ checkoutId, ...options }) =>
      whileHeartbeating(async () => checkouts.settle(checkoutId, await checkoutPayments.authorize(checkoutId, options))),
    refreshCheckout: ({ checkoutId }) =>
      whileHeartbeating(async () => {
        const told = await checkoutPayments.readBack(checkoutId);
        return told ? checkouts.settle(checkoutId, told) : checkouts.resume(checkoutId);
      }),
    stopCheckoutPayment: ({ checkoutId }) =>
      whileHeartbeating(async () => {
        const told = await checkoutPayments.stop(checkoutId);
        return told?.state === 'captured' || told?.state === 'authorized' ? checkouts.settle(checkoutId, told) : null;
      }),
    returnMoney: (request) => whileHeartbeating(() => returnMoney(request)),
    runPaymentOperation: ({ key }) => whileHeartbeating(() => orderPayments.run(key)),
    moveRefundPart: ({ refundId, number }) => whileHeartbeating(() => refunds.movePart(refundId, number)),
    async refreshPayment({ paymentId }) {
      await whileHeartbeating(() => refresher.refresh(paymentId));
    },
    async refreshOrderPayments({ orderId }) {
      await whileHeartbeating(() => refresher.refreshOrder(orderId));
    },
    renewAuthorizations: ({ orderId }) => whileHeartbeating(() => renewAuthorizations(orderId)),
  } satisfies PaymentActivities);
}
