import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fulfillmentTransitions, orderTransitions } from './order-status.ts';

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
  it('never takes back a shipment, only restocks', () => {
    assert.equal(fulfillmentTransitions.canTransition('fulfilled', 'unfulfilled'), false);
    assert.equal(fulfillmentTransitions.canTransition('fulfilled', 'partially_fulfilled'), false);
    for (const status of ['unfulfilled', 'partially_fulfilled', 'fulfilled'] as const) {
      fulfillmentTransitions.assertTransition(status, 'restocked');
    }
    assert.ok(fulfillmentTransitions.isTerminal('restocked'));
  });
});
