import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_RETURN_POLICY } from './return-policy.ts';
import { orderReturnStatus, returnTransitions } from './return-status.ts';
import { nextReturnStep } from './return-task.ts';
import type { OrderReturn } from './return.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = new Date('2026-03-01T00:00:00Z');
const after = (milliseconds: number): Date => new Date(START.getTime() + milliseconds);

const RETURN: OrderReturn = {
  id: 'ret_1',
  orderId: 'ord_1',
  currency: 'EUR',
  number: 1,
  kind: 'return',
  status: 'requested',
  sendBack: true,
  requestedBy: 'customer',
  note: null,
  terms: DEFAULT_RETURN_POLICY,
  lines: [],
  wanted: [],
  decidedBy: null,
  decisionReason: null,
  provider: null,
  providerRef: null,
  carrier: null,
  trackingNumber: null,
  trackingUrl: null,
  labelUrl: null,
  decideBy: after(72 * HOUR_MS),
  sendBackBy: null,
  inspectBy: null,
  reminders: 0,
  calledFor: null,
  settlement: null,
  refundId: null,
  orderEditId: null,
  outcome: null,
  requestedAt: START,
  decidedAt: null,
  announcedAt: null,
  receivedAt: null,
  inspectedAt: null,
  endedAt: null,
};
const APPROVED: OrderReturn = { ...RETURN, status: 'approved', decidedAt: START, announcedAt: START, sendBackBy: after(21 * DAY_MS) };
const RECEIVED: OrderReturn = { ...APPROVED, status: 'received', receivedAt: START, inspectBy: after(14 * DAY_MS) };

describe('what a return does by itself', () => {
  it('calls a person halfway, and decides at the end', () => {
    assert.deepEqual(nextReturnStep(RETURN, undefined, START), { step: 'call_for_decision', inMs: 36 * HOUR_MS });
    assert.deepEqual(nextReturnStep({ ...RETURN, calledFor: 'decision' }, undefined, after(36 * HOUR_MS)), { step: 'decide', inMs: 36 * HOUR_MS });
    assert.deepEqual(nextReturnStep({ ...RETURN, calledFor: 'decision' }, undefined, after(100 * HOUR_MS)), { step: 'decide', inMs: 0 });
  });

  it('reminds the customer, and gives up', () => {
    assert.deepEqual(nextReturnStep(APPROVED, undefined, START), { step: 'remind', inMs: 7 * DAY_MS });
    assert.deepEqual(nextReturnStep({ ...APPROVED, reminders: 1 }, undefined, after(8 * DAY_MS)), { step: 'remind', inMs: 6 * DAY_MS });
    assert.deepEqual(nextReturnStep({ ...APPROVED, reminders: 2 }, undefined, after(15 * DAY_MS)), { step: 'expire', inMs: 6 * DAY_MS });
    assert.deepEqual(nextReturnStep({ ...APPROVED, status: 'in_transit' }, undefined, START), { step: 'expire', inMs: 21 * DAY_MS });
  });

  it('buys the label before the customer hears of it, and follows its parcel', () => {
    assert.deepEqual(nextReturnStep({ ...APPROVED, announcedAt: null }, undefined, START), { step: 'buy_label', inMs: 0 });
    const labeled = { ...APPROVED, providerRef: 'shp_1' };
    assert.deepEqual(nextReturnStep(labeled, undefined, START), { step: 'ask_provider', inMs: 0 });
    assert.deepEqual(nextReturnStep(labeled, undefined, START, START), { step: 'ask_provider', inMs: 6 * HOUR_MS });
  });

  it('settles at once what is not sent back, and in the end what nobody inspects', () => {
    assert.deepEqual(nextReturnStep({ ...APPROVED, sendBack: false }, undefined, START), { step: 'settle', inMs: 0 });
    assert.deepEqual(nextReturnStep(RECEIVED, undefined, START), { step: 'call_for_inspection', inMs: 7 * DAY_MS });
    assert.deepEqual(nextReturnStep({ ...RECEIVED, calledFor: 'inspection' }, undefined, START), { step: 'settle', inMs: 14 * DAY_MS });
  });

  it('closes only when its money has gone back, or a person has seen to it', () => {
    const inspected: OrderReturn = { ...RECEIVED, status: 'inspected', refundId: 'ref_1' };
    const inMs = (refund: Parameters<typeof nextReturnStep>[1]) => nextReturnStep(inspected, refund, START)?.inMs;
    assert.equal(inMs({ status: 'succeeded', attended: false }), 0);
    assert.equal(inMs({ status: 'pending', attended: false }), HOUR_MS);
    assert.equal(inMs({ status: 'failed', attended: false }), HOUR_MS);
    assert.equal(inMs({ status: 'failed', attended: true }), 0);
  });

  it('has something to do in every state that is not an end', () => {
    for (const status of returnTransitions.states) {
      assert.equal(nextReturnStep({ ...RECEIVED, status }, undefined, START) === undefined, returnTransitions.isTerminal(status), status);
    }
  });
});

describe('an order', () => {
  const lines = [{ quantity: 2, returnedQuantity: 1 }];
  it('stands as its most urgent return, else as what came back', () => {
    assert.equal(orderReturnStatus([{ status: 'closed' }, { status: 'requested' }, { status: 'received' }], lines), 'requested');
    assert.equal(orderReturnStatus([{ status: 'closed' }, { status: 'inspected' }], lines), 'in_progress');
    assert.equal(orderReturnStatus([{ status: 'closed' }], lines), 'partially_returned');
    assert.equal(orderReturnStatus([{ status: 'closed' }], [{ quantity: 2, returnedQuantity: 2 }]), 'returned');
    assert.equal(orderReturnStatus([{ status: 'rejected' }], [{ quantity: 2, returnedQuantity: 0 }]), 'none');
  });
});
