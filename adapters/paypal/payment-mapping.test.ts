import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AuthorizationStatus,
  CaptureStatus,
  CheckoutPaymentIntent,
  OrderStatus,
  RefundStatus,
  type AuthorizationWithAdditionalData,
  type OrdersCapture,
  type PaymentCollection,
  type Refund,
} from '@paypal/paypal-server-sdk';
import { ended, toPayment, toRefund, type PaypalOrder } from './payment-mapping.ts';

const CUSTOM_ID = 'cart_1|chk_1|ord_1|pay_1';
const euros = (value: string) => ({ currencyCode: 'EUR', value });
const up = (path: string) => [{ rel: 'up', href: `https://api-m.paypal.com/v2/${path}` }];

const authorization = (
  status: AuthorizationStatus,
  change: Partial<AuthorizationWithAdditionalData> = {},
): AuthorizationWithAdditionalData => ({
  id: 'A-1',
  status,
  amount: euros('100.00'),
  createTime: '2026-01-01T10:00:00Z',
  expirationTime: '2026-01-30T10:00:00Z',
  ...change,
});
const capture = (status: CaptureStatus, value: string, change: Partial<OrdersCapture> = {}): OrdersCapture => ({
  id: 'C-1',
  status,
  amount: euros(value),
  links: up('payments/authorizations/A-1'),
  ...change,
});
const refund = (status: RefundStatus, value: string, of: string): Refund => ({
  id: 'R-1',
  status,
  amount: euros(value),
  links: up(`payments/captures/${of}`),
});

function order(status: OrderStatus, payments: PaymentCollection = {}, change: Partial<PaypalOrder> = {}): PaypalOrder {
  const purchaseUnits = [{ amount: euros('100.00'), customId: CUSTOM_ID, payments }];
  return { id: 'O-1', status, intent: CheckoutPaymentIntent.Authorize, purchaseUnits, ...change };
}

const sums = (paypalOrder: PaypalOrder) => {
  const { state, capturable, captured, refunded } = toPayment(paypalOrder);
  return [state, capturable, captured, refunded];
};

describe('an order as a payment', () => {
  it('carries our ids and where the customer approves', () => {
    const links = [{ rel: 'payer-action', href: 'https://www.paypal.com/checkoutnow?token=O-1' }];
    const payment = toPayment(order(OrderStatus.PayerActionRequired, {}, { links }));
    assert.equal(payment.state, 'requires_action');
    assert.equal(payment.action?.url, 'https://www.paypal.com/checkoutnow?token=O-1');
    assert.deepEqual(payment.reference, { cartId: 'cart_1', checkoutId: 'chk_1', orderId: 'ord_1', paymentId: 'pay_1' });
    assert.deepEqual([payment.gatewayRef, payment.amount, payment.currency], ['O-1', 10_000, 'EUR']);
  });

  it('shows nothing of the customer’s account but a fingerprint and the country', () => {
    const paypal = { accountId: 'QYR5Z8XDVJNXQ', emailAddress: 'somebody@example.com', address: { countryCode: 'DE' } };
    const payment = toPayment(order(OrderStatus.Approved, {}, { paymentSource: { paypal } }));
    assert.equal(payment.state, 'approved');
    assert.deepEqual(payment.method, { kind: 'paypal', fingerprint: 'QYR5Z8XDVJNXQ', country: 'DE' });
  });

  it('names the saved method', () => {
    const paypal = { attributes: { vault: { id: 'V-1', customer: { id: 'P-1', merchantCustomerId: 'cust_1' } } } };
    const payment = toPayment(order(OrderStatus.Completed, {}, { paymentSource: { paypal } }));
    assert.deepEqual(payment.savedMethod, { token: 'V-1', customerRef: 'cust_1', details: { kind: 'paypal' } });
  });

  const authorizations = [authorization(AuthorizationStatus.PartiallyCaptured)];
  const closed = [authorization(AuthorizationStatus.Captured)];
  const cases: readonly [name: string, payments: PaymentCollection, wanted: readonly [string, number, number, number]][] = [
    ['authorized', { authorizations: [authorization(AuthorizationStatus.Created)] }, ['authorized', 10_000, 0, 0]],
    [
      'captured in part',
      { authorizations, captures: [capture(CaptureStatus.Completed, '30.00')] },
      ['authorized', 7_000, 3_000, 0],
    ],
    [
      'captured finally in part',
      { authorizations: closed, captures: [capture(CaptureStatus.Completed, '30.00')] },
      ['captured', 0, 3_000, 0],
    ],
    [
      'refunded in part',
      {
        authorizations: closed,
        captures: [capture(CaptureStatus.PartiallyRefunded, '60.00'), capture(CaptureStatus.Completed, '40.00', { id: 'C-2' })],
        refunds: [
          refund(RefundStatus.Completed, '10.00', 'C-1'),
          refund(RefundStatus.Failed, '20.00', 'C-1'),
          refund(RefundStatus.Pending, '5.00', 'C-2'),
        ],
      },
      ['captured', 0, 10_000, 1_500],
    ],
    [
      'pending at the bank',
      { authorizations: closed, captures: [capture(CaptureStatus.Pending, '100.00')] },
      ['processing', 0, 0, 0],
    ],
    ['under review', { authorizations: [authorization(AuthorizationStatus.Pending)] }, ['processing', 0, 0, 0]],
    ['voided', { authorizations: [authorization(AuthorizationStatus.Voided)] }, ['canceled', 0, 0, 0]],
    ['denied', { authorizations: [authorization(AuthorizationStatus.Denied)] }, ['failed', 0, 0, 0]],
    [
      'voided after a capture of a part',
      { authorizations: [authorization(AuthorizationStatus.Voided)], captures: [capture(CaptureStatus.Completed, '30.00')] },
      ['captured', 0, 3_000, 0],
    ],
  ];
  for (const [name, payments, wanted] of cases) {
    it(`is ${wanted[0]} when it is ${name}`, () => {
      assert.deepEqual(sums(order(OrderStatus.Completed, payments)), wanted);
    });
  }

  it('counts a renewed authorization once, with what was captured of it', () => {
    const renewed = authorization(AuthorizationStatus.Created, {
      id: 'A-2',
      createTime: '2026-01-05T10:00:00Z',
      expirationTime: '2026-02-03T10:00:00Z',
    });
    const payment = toPayment(
      order(OrderStatus.Completed, { authorizations: [authorization(AuthorizationStatus.Created), renewed] }),
    );
    assert.equal(payment.capturable, 10_000);
    assert.deepEqual(payment.capturableUntil, new Date('2026-02-03T10:00:00Z'));
  });

  it('is failed with a decline when the capture was declined', () => {
    const captures = [capture(CaptureStatus.Declined, '100.00', { statusDetails: {} })];
    const payment = toPayment(order(OrderStatus.Completed, { captures }, { intent: CheckoutPaymentIntent.Capture }));
    assert.deepEqual([payment.state, payment.captured, payment.decline?.code], ['failed', 0, 'payment_denied']);
  });

  it('is canceled, or captured as far as it was, when it is ended', () => {
    const links = [{ rel: 'payer-action', href: 'https://www.paypal.com/checkoutnow?token=O-1' }];
    const canceled = ended(toPayment(order(OrderStatus.PayerActionRequired, {}, { links })));
    assert.deepEqual([canceled.state, canceled.action], ['canceled', undefined]);
    const part = ended(
      toPayment(order(OrderStatus.Completed, { authorizations, captures: [capture(CaptureStatus.Completed, '30.00')] })),
    );
    assert.deepEqual([part.state, part.capturable, part.capturableUntil], ['captured', 0, undefined]);
  });
});

describe('a refund', () => {
  for (const [status, state] of [
    [RefundStatus.Completed, 'succeeded'],
    [RefundStatus.Pending, 'pending'],
    [RefundStatus.Failed, 'failed'],
    [RefundStatus.Cancelled, 'failed'],
  ] as const) {
    it(`is ${state} when PayPal says ${status}`, () => {
      const { gatewayRef, amount, state: told, failureReason } = toRefund(refund(status, '10.05', 'C-1'));
      assert.deepEqual([gatewayRef, amount, told], ['R-1', 1_005, state]);
      assert.equal(failureReason, state === 'failed' ? status.toLowerCase() : undefined);
    });
  }
});
