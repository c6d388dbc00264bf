import type { OrderProcess } from '../../../domain/orders/order-process.ts';
import { DomainError, notFound } from '../../../domain/shared/errors.ts';
import type { Work } from '../../stores.ts';

/** What a retried incident asks of an order's actor, which alone moves the order's money. */
export interface MoneyCommands {
  /** Raises INVALID_TRANSITION unless the refund failed. */
  retryRefund(refundId: string, actor: string): Promise<void>;
  /** Takes what is authorized. Raises GATEWAY_REJECTED when the gateway or the issuer refuses, INVALID_TRANSITION. */
  captureOrder(orderId: string, actor: string): Promise<void>;
}

/** Builds the commands over the orders' actors. */
export function createMoneyCommands(deps: { work: Work; orderProcess: OrderProcess }): MoneyCommands {
  const { work, orderProcess } = deps;
  return {
    async retryRefund(refundId, actor) {
      const refund = await work.stores.refunds.get(refundId);
      if (!refund) throw notFound('The refund');
      await orderProcess.retryRefund(refund.orderId, { refundId, actor });
    },
    async captureOrder(orderId, actor) {
      const order = await work.stores.orders.get(orderId);
      if (!order) throw notFound('The order');
      const outcomes = await orderProcess.capture(orderId, { version: order.version, final: true, of: 'authorized', actor });
      const refused = outcomes.find(({ status }) => status !== 'succeeded');
      if (refused) throw new DomainError('GATEWAY_REJECTED', refused.reason ?? 'The gateway gave no reason');
    },
  };
}
