import { defineTransitions } from '../shared/state-machine.ts';

/** `canceling` goes back to `placed` only when the cancellation could not be begun. */
export const orderTransitions = defineTransitions('order', {
  placed: ['canceling', 'completed'],
  canceling: ['canceled', 'placed'],
  canceled: [],
  completed: [],
});

/** `restocked`: what was not shipped, or came back, is on the shelf again. */
export const fulfillmentTransitions = defineTransitions("order's fulfillment", {
  unfulfilled: ['partially_fulfilled', 'fulfilled', 'restocked'],
  partially_fulfilled: ['partially_fulfilled', 'fulfilled', 'restocked'],
  fulfilled: ['restocked'],
  restocked: [],
});

export type OrderStatus = (typeof orderTransitions.states)[number];
/**
 * How an order stands with its money, computed from its payments (`domain/payments/order-payment-status.ts`).
 * `pending`: to be paid outside · `failed`: a capture did not succeed, it may be tried again or the authorization released.
 */
export type OrderPaymentStatus =
  | 'pending'
  | 'authorized'
  | 'partially_captured'
  | 'captured'
  | 'partially_refunded'
  | 'refunded'
  | 'voided'
  | 'failed';
export type FulfillmentStatus = (typeof fulfillmentTransitions.states)[number];
