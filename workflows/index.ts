// What the worker's bundle holds. Exported names are wire names: they are never renamed.
export { checkout } from './checkout/checkout.workflow.ts';
export { rebuildAnalytics, rollUpAnalytics } from './orders/analytics.workflow.ts';
export { collection } from './orders/collection.workflow.ts';
export { fulfillment } from './orders/fulfillment.workflow.ts';
export { order } from './orders/order.workflow.ts';
export { incident } from './payments/incident.workflow.ts';
export { reconcileGateway, reconcilePayments } from './payments/reconcile-payments.workflow.ts';
export { dispute } from './payments/dispute.workflow.ts';
export { orderReturn } from './orders/return.workflow.ts';
export { refund } from './payments/refund.workflow.ts';
export { reindex } from './search/reindex.workflow.ts';
export { learnSearchWeights, searchUpkeep } from './search/search-upkeep.workflow.ts';
export { delivery } from './webhooks/delivery.workflow.ts';
export { sweepCheckouts } from './checkout/sweep-checkouts.workflow.ts';
