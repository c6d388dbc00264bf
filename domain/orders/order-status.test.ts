import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { orderFulfillmentStatus, orderTransitions } from './order-status.ts';

describe('order status', () => {
  it('is canceled by way of canceling, which may be taken back', () => {
    orderTransitions.assertTransition('placed', 'canceling');
    orderTransitions.assertTransition('canceling', 'canceled');
    orderTransitions.assertTransition('canceling', 'placed');
    assert.throws(() => orderTransitions.assertTransition('placed', 'canceled'), { code: 'INVALID_TRANSITION' });
    assert.throws(() => orderTransitions.assertTransition('completed', 'canceling'), { code: 'INVALID_TRANSITION' });
    assert.deepEqual(orderTransitions.states.filter(orderTransitions.isTerminal), ['canceled', 'completed']);
  });
});

describe('fulfillment status', () => {
  const line = (quantity: number, shippedQuantity = 0, deliveredQuantity = 0) => ({ quantity, shippedQuantity, deliveredQuantity });

  it('follows the units of all lines', () => {
    assert.equal(orderFulfillmentStatus([line(2), line(1)]), 'unfulfilled');
    assert.equal(orderFulfillmentStatus([line(2, 2, 2), line(1)]), 'partially_fulfilled');
    assert.equal(orderFulfillmentStatus([line(2, 2, 2), line(1, 1)]), 'fulfilled');
    assert.equal(orderFulfillmentStatus([line(2, 2, 2), line(1, 1, 1)]), 'delivered');
  });

  it('does not wait for units that were taken out', () => {
    assert.equal(orderFulfillmentStatus([line(2, 2), line(0)]), 'fulfilled');
    assert.equal(orderFulfillmentStatus([line(0), line(0)]), 'restocked');
  });
});
