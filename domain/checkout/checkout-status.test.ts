import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkoutTransitions, isTerminalCheckoutStatus } from './checkout-status.ts';

const { states, canTransition, assertTransition } = checkoutTransitions;

describe('checkout status', () => {
  it('ends as placed, declined, rejected, expired, canceled or failed', () => {
    const endings = ['canceled', 'declined', 'expired', 'failed', 'placed', 'rejected'];
    assert.deepEqual(states.filter(isTerminalCheckoutStatus).sort(), endings);
  });

  it('leads from every waiting status to an order and to every way of giving up', () => {
    for (const from of states.filter((status) => !isTerminalCheckoutStatus(status))) {
      for (const to of ['placed', 'rejected', 'expired', 'canceled', 'failed'] as const) {
        assert.ok(canTransition(from, to), `${from} to ${to}`);
      }
    }
  });

  it('never leaves an ending and never goes back', () => {
    for (const from of states.filter(isTerminalCheckoutStatus)) {
      for (const to of states) assert.throws(() => assertTransition(from, to), { code: 'INVALID_TRANSITION' });
    }
    assert.equal(canTransition('action_required', 'processing'), false);
    assert.equal(canTransition('in_review', 'action_required'), false);
    assert.equal(canTransition('in_review', 'declined'), false);
  });
});
