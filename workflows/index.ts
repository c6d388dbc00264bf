// What the worker's bundle holds. Exported names are wire names: they are never renamed.
export { checkout } from './checkout/checkout.workflow.ts';
export { order } from './orders/order.workflow.ts';
export { sweepCheckouts } from './checkout/sweep-checkouts.workflow.ts';
