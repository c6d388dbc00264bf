import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckoutRecord } from '../../checkout/checkout-store.ts';
import { SAMPLE_ORDER } from '../../../tests/support/sample-order.ts';
import type { Order } from '../order.ts';
import { composeMail, reasonToSkip, type MailFacts } from './compose-mail.ts';
import type { MailContent } from './mail-content.ts';
import { MAIL_TEMPLATES, MAILED_EVENTS, templateOfEvent, type MailTemplate } from './mail-template.ts';
import { samplePayload } from './sample-payload.ts';

const NOW = new Date('2026-11-02T10:00:00Z');

const facts = (payload: unknown, order: Partial<Order> = {}, change: Partial<MailFacts> = {}): MailFacts => ({
  payload,
  occurredAt: NOW,
  order: { ...SAMPLE_ORDER, ...order },
  checkout: undefined,
  channel: { captureMode: 'automatic', storefrontUrl: 'https://shop.example' },
  ...change,
});

function compose(template: MailTemplate, payload: unknown, order: Partial<Order> = {}): MailContent {
  const composed = composeMail(template, facts(payload, order));
  assert.ok(composed);
  assert.equal(composed.to, 'ada@example.com');
  return composed.content;
}

describe('a mail', () => {
  it('is due for exactly the events that it is listed for', () => {
    for (const template of MAIL_TEMPLATES) assert.equal(templateOfEvent(MAILED_EVENTS[template]), template);
    for (const type of ['refund.failed', 'fulfillment.picking', 'product.updated', 'constructor'])
      assert.equal(templateOfEvent(type), undefined);
  });

  it('goes to the address of the order, with its number', () => {
    for (const template of MAIL_TEMPLATES) {
      if (template === 'payment_reminder' || template === 'invoice') continue;
      const content = compose(template, samplePayload(template, SAMPLE_ORDER, NOW));
      assert.equal(content.values['orderNumber'], 'T-1');
      assert.equal(content.firstName, 'Ada');
      assert.equal(composeMail(template, facts({}, {}, { order: undefined })), undefined);
    }
  });

  it('of an order has lines that add up to its sums', () => {
    const { lines, totals } = compose('order_placed', {});
    const sum = lines.reduce((total, line) => total + (line.total?.amount ?? 0), 0);
    const amounts = Object.fromEntries(totals.map(({ label, amount }) => [label, amount.amount]));
    assert.deepEqual(amounts, { subtotal: 5_400, discount: -400, shipping: 500, taxAdded: 950, total: 6_450 });
    assert.equal(sum, amounts['subtotal']);
    assert.equal(amounts['total'], 5_400 - 400 + 500 + 950);
    const including = compose('order_placed', {}, { pricesIncludeTax: true, total: 5_500 });
    assert.deepEqual(
      including.totals.map(({ label }) => label),
      ['subtotal', 'discount', 'shipping', 'total', 'taxIncluded'],
    );
  });

  it('of a cancellation says what becomes of the money only when that is known', () => {
    assert.deepEqual(compose('order_canceled', { paymentStatus: 'voided' }).paragraphs, ['intro', 'released']);
    assert.deepEqual(compose('order_canceled', { paymentStatus: 'refunded' }).paragraphs, ['intro', 'refunded']);
    assert.deepEqual(compose('order_canceled', { paymentStatus: 'failed' }).paragraphs, ['intro']);
    assert.deepEqual(compose('order_canceled', { paymentStatus: 'refunded' }, { payments: [] }).paragraphs, ['intro']);
  });

  it('of an edit says whether the order got dearer', () => {
    for (const [difference, paragraph] of [
      [300, 'more'],
      [-300, 'less'],
    ] as const) {
      const { paragraphs, values } = compose('order_edited', { difference });
      assert.deepEqual([paragraphs, values['amount']], [['intro', paragraph], { amount: 300, currency: 'EUR' }]);
    }
    assert.deepEqual(compose('order_edited', { difference: 0 }).paragraphs, ['intro']);
  });

  it('of a refund tells money from store credit', () => {
    const part = { number: 1, paymentId: 'pay_1', captureRef: 'c', attempt: 1, gatewayRef: null, failure: null };
    const refund = {
      id: 'ref_1',
      orderId: 'ord_1',
      currency: 'EUR',
      amount: 1_000,
      status: 'succeeded',
      destination: 'original',
      fallback: 'store_credit',
      source: 'operator',
      shippingAmount: 0,
      reason: 'damaged',
      note: 'internal',
      actor: 'grace',
      lines: [{ orderLineId: 'oli_1', quantity: 1, amount: 1_000 }],
      parts: [
        { ...part, amount: 700, status: 'succeeded' },
        { ...part, number: 2, amount: 300, status: 'credited' },
      ],
      createdAt: NOW,
      finishedAt: NOW,
    } as const;
    const mixed = compose('refund_succeeded', { refundId: 'ref_1' }, { refunds: [refund] });
    assert.deepEqual(mixed.paragraphs, ['intro', 'toPaymentMethod', 'toStoreCredit']);
    assert.deepEqual(
      mixed.details.map(({ label }) => label),
      ['amount', 'toPaymentMethod', 'toStoreCredit', 'reason'],
    );
    assert.deepEqual(
      mixed.lines.map(({ title, quantity }) => [title, quantity]),
      [['Mug', 1]],
    );
    assert.doesNotMatch(JSON.stringify(mixed), /internal|grace/);
    const credit = compose('refund_succeeded', { refundId: 'ref_1' }, { refunds: [{ ...refund, destination: 'store_credit' }] });
    assert.deepEqual(credit.paragraphs, ['intro', 'toStoreCredit']);
  });

  it('of a parcel lists its units, and says when more will follow', () => {
    const payload = {
      lines: [
        { orderLineId: 'oli_1', quantity: 2 },
        { orderLineId: 'oli_of_nobody', quantity: 1 },
      ],
      carrier: 'Post',
      trackingNumber: '1',
      trackingUrl: 'https://post.example/1',
    };
    const { lines, link, paragraphs } = compose('fulfillment_shipped', payload);
    assert.deepEqual(
      lines.map(({ title, quantity }) => [title, quantity]),
      [['Mug', 2]],
    );
    assert.equal(link, 'https://post.example/1');
    assert.deepEqual(paragraphs, ['intro', 'more']);
    const all = SAMPLE_ORDER.lines.map((line) => ({ ...line, shippedQuantity: line.quantity }));
    assert.deepEqual(compose('fulfillment_shipped', payload, { lines: all }).paragraphs, ['intro']);
  });

  it('never leads to anything but a web page', () => {
    for (const trackingUrl of ['javascript:alert(1)', 'data:text/html,x', 'https://x"onclick=', ' https://x', 7, null]) {
      assert.equal(compose('fulfillment_shipped', { trackingUrl }).link, null);
    }
  });

  it('withstands whatever is in a payload', () => {
    for (const template of MAIL_TEMPLATES) {
      for (const payload of [
        null,
        'text',
        7,
        [],
        { lines: 'x', amount: 'x', shipBackBy: 'x', outcome: 7 },
        { lines: [null, { quantity: 1 }] },
      ]) {
        assert.doesNotThrow(() => composeMail(template, facts(payload)));
      }
    }
  });
});

describe('a mail is left out', () => {
  it('when the payment was taken with the order', () => {
    const soon = new Date(SAMPLE_ORDER.placedAt.getTime() + 1_000);
    const reason = (captureMode: MailFacts['channel']['captureMode'], occurredAt: Date): string | undefined =>
      reasonToSkip('payment_captured', facts({}, {}, { occurredAt, channel: { captureMode, storefrontUrl: null } }));
    assert.ok(reason('after_placement', soon));
    assert.ok(reason('automatic', soon));
    assert.equal(reason('after_placement', NOW), undefined, 'a bank transfer that came in later');
    assert.equal(reason('on_fulfillment', soon), undefined);
  });

  it('when the payment does not wait for the customer any more', () => {
    const checkout = (status: CheckoutRecord['status']): CheckoutRecord => ({ status }) as CheckoutRecord;
    assert.equal(reasonToSkip('payment_reminder', facts({}, {}, { checkout: checkout('action_required') })), undefined);
    assert.ok(reasonToSkip('payment_reminder', facts({}, {}, { checkout: checkout('placed') })));
  });
});
