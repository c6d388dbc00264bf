import type { OrderCommands } from '../../services/orders/order-commands.ts';
import type { OrderService } from '../../services/orders/order-service.ts';
import type { OrderPayments } from '../../services/payments/order-payments.ts';
import type { RefundService } from '../../services/payments/refund-service.ts';
import type { OrderSteps } from '../../temporal/contracts/orders.ts';
import type { RefundSteps } from '../../temporal/contracts/refunds.ts';
import { withFailures } from '../failures.ts';

/** The database steps of an order and its refunds. */
export function createOrderActivities(deps: {
  orders: OrderService;
  orderCommands: OrderCommands;
  orderPayments: OrderPayments;
  refunds: RefundService;
}): OrderSteps & RefundSteps {
  const { orders, orderCommands, orderPayments, refunds } = deps;
  return withFailures({
    loadOrderTask: ({ orderId }) => orders.loadTask(orderId),
    beginCancel: ({ orderId, ...request }) => orders.beginCancel(orderId, request),
    finishCancel: ({ orderId }) => orders.finishCancel(orderId),
    beginCapture: ({ orderId, wish }) => orderPayments.beginCapture({ orderId, ...(wish ?? { of: 'authorized', final: true, actor: 'system' }) }),
    applyCommand: ({ orderId, command }) => orderCommands.apply(orderId, command),
    beginShipmentCapture: ({ orderId }) => orderPayments.beginShipmentCapture(orderId),
    completeOrder: ({ orderId }) => orders.complete(orderId),
    beginVoid: (command) => orderPayments.beginVoid(command),
    async beginRefund(command) {
      await refunds.begin(command);
    },
    reopenRefund: ({ refundId, actor }) => refunds.retry(refundId, actor),
    loadRefund: ({ refundId }) => refunds.standing(refundId),
    noteCaptureFailed: ({ orderId }) => orders.noteCaptureFailed(orderId),
    raiseIncident: (incident) => orders.raiseIncident(incident),
  } satisfies OrderSteps & RefundSteps);
}
