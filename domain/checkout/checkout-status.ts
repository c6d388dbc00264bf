import { defineTransitions } from '../shared/state-machine.ts';

/** The life of a checkout, from the shopper's submission to its one ending. */
export const checkoutTransitions = defineTransitions('checkout', {
  processing: ['action_required', 'in_review', 'placed', 'declined', 'rejected', 'expired', 'canceled', 'failed'],
  action_required: ['in_review', 'placed', 'declined', 'rejected', 'expired', 'canceled', 'failed'],
  in_review: ['placed', 'rejected', 'expired', 'canceled', 'failed'],
  placed: [],
  declined: [],
  rejected: [],
  expired: [],
  canceled: [],
  failed: [],
});

/**
 * - `processing`: being worked on · `action_required`: the shopper must authenticate the payment
 * - `in_review`: an operator must decide
 * - `placed`: became an order · `declined`: by the issuer · `rejected`: by the fraud check or an operator
 * - `expired`: out of time · `canceled`: by the shopper or an operator · `failed`: could not be finished
 */
export type CheckoutStatus = (typeof checkoutTransitions.states)[number];

/** Whether the checkout has ended: nothing held, nothing authorized without an order. */
export const isTerminalCheckoutStatus = (status: CheckoutStatus): boolean => checkoutTransitions.isTerminal(status);
