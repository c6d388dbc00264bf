import { defineTransitions } from '../shared/state-machine.ts';

/** `canceling` goes back to `placed` only when the cancellation could not be begun. */
export const orderTransitions = defineTransitions('order', {
  placed: ['canceling', 'completed'],
  canceling: ['canceled', 'placed'],
  canceled: [],
  completed: [],
});

/** A `failed` payment is a capture that did not succeed: it may be tried again, or its authorization released. */
export const orderPaymentTransitions = defineTransitions("order's payment", {
  authorized: ['captured', 'voided', 'failed'],
  captured: ['partially_refunded', 'refunded'],
  partially_refunded: ['partially_refunded', 'refunded'],
  refunded: [],
  voided: [],
  failed: ['authorized', 'captured', 'voided'],
});

/** `restocked`: what was not shipped, or came back, is on the shelf again. */
export const fulfillmentTransitions = defineTransitions("order's fulfillment", {
  unfulfilled: ['partially_fulfilled', 'fulfilled', 'restocked'],
  partially_fulfilled: ['partially_fulfilled', 'fulfilled', 'restocked'],
  fulfilled: ['restocked'],
  restocked: [],
});

export type OrderStatus = (typeof orderTransitions.states)[number];
export type OrderPaymentStatus = (typeof orderPaymentTransitions.states)[number];
export type FulfillmentStatus = (typeof fulfillmentTransitions.states)[number];
