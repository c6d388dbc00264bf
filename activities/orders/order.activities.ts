import type { OrderService } from '../../services/orders/order-service.ts';
import type { OrderSteps } from '../../temporal/contracts/orders.ts';
import { withFailures } from '../failures.ts';

/** The database steps of an order. */
export const createOrderActivities = (orders: OrderService): OrderSteps =>
  withFailures({
    loadOrderTask: ({ orderId }) => orders.loadTask(orderId),
    beginCancel: ({ orderId, ...request }) => orders.beginCancel(orderId, request),
    finishCancel: ({ orderId }) => orders.finishCancel(orderId),
    noteCaptureFailed: ({ orderId }) => orders.noteCaptureFailed(orderId),
    raiseIncident: (incident) => orders.raiseIncident(incident),
  } satisfies OrderSteps);
