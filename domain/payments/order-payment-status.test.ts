import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { orderPaymentStatus } from './order-payment-status.ts';
import type { PaymentStatus } from './payment.ts';

const payment = (status: PaymentStatus, captured = 0, refunded = 0, credited = 0) => ({ status, captured, refunded, credited });

describe('orderPaymentStatus', () => {
  const cases: [string, number, ReturnType<typeof payment>[], ReturnType<typeof orderPaymentStatus>][] = [
    ['nothing to pay', 0, [], 'captured'],
    ['a card that was only authorized', 100, [payment('authorized')], 'authorized'],
    ['a card that was captured', 100, [payment('captured', 100)], 'captured'],
    ['the first shipment of several', 100, [payment('authorized', 40)], 'partially_captured'],
    ['a gift card and a card, both taken', 100, [payment('captured', 70), payment('captured', 30)], 'captured'],
    ['a gift card that was taken, a card that was not', 100, [payment('authorized'), payment('captured', 30)], 'partially_captured'],
    ['a bank transfer that has not come in', 100, [payment('deferred')], 'pending'],
    ['a bank transfer beside an authorized gift card', 100, [payment('deferred'), payment('authorized')], 'authorized'],
    ['some money back', 100, [payment('captured', 100, 10)], 'partially_refunded'],
    ['all money back', 100, [payment('captured', 100, 100)], 'refunded'],
    ['store credit instead of a refund counts as back', 100, [payment('captured', 100, 60, 40)], 'refunded'],
    ['a part captured and given back, the rest released', 100, [payment('captured', 40, 40)], 'refunded'],
    ['everything released', 100, [payment('canceled'), payment('canceled')], 'voided'],
    ['a declined payment', 100, [payment('failed')], 'failed'],
  ];
  for (const [name, total, payments, status] of cases) {
    it(`${name}: ${status}`, () => assert.equal(orderPaymentStatus(total, payments), status));
  }
});
