import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { GatewayError, type GatewayEvent } from '../../domain/payments/gateway.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { createPaypalClient } from './paypal-client.ts';
import { PaypalError, type PaypalAnswer } from './paypal-error.ts';
import type { PaypalRequest } from './paypal-transport.ts';
import { readWebhook } from './webhook-events.ts';

const WEBHOOK_ID = 'WH-1';
const REFERENCE = { cartId: 'cart_1', checkoutId: 'chk_1', orderId: 'ord_1', paymentId: 'pay_1' };
const CUSTOM_ID = 'cart_1|chk_1|ord_1|pay_1';

let sent: PaypalRequest[];
let verdict: () => PaypalAnswer;

const json = (content: unknown, status = 200): PaypalAnswer => ({ status, headers: {}, text: JSON.stringify(content) });
const client = createPaypalClient({
  async send(request) {
    sent.push(request);
    if (request.path.endsWith('/verify-webhook-signature')) return verdict();
    assert.equal(request.path, '/v2/payments/captures/C-1');
    return json({ id: 'C-1', custom_id: CUSTOM_ID, supplementary_data: { related_ids: { order_id: 'O-1' } } });
  },
});

beforeEach(() => {
  sent = [];
  verdict = () => json({ verification_status: 'SUCCESS' });
});

const headersAt = (time: number): Record<string, string> => ({
  'paypal-auth-algo': 'SHA256withRSA',
  'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/1',
  'paypal-transmission-id': 'tr-1',
  'paypal-transmission-sig': 'c2ln',
  'paypal-transmission-time': new Date(time).toISOString(),
});

const eventOf = (type: string, resource: unknown): Buffer =>
  Buffer.from(JSON.stringify({ id: 'WH-EVT-1', event_type: type, create_time: '2026-01-01T10:00:00Z', resource }, null, 1));

const read = (body: Uint8Array, headers: Record<string, string> = headersAt(Date.now())): Promise<GatewayEvent> =>
  readWebhook(client, body, headers, WEBHOOK_ID);

const unauthenticated = (error: unknown): boolean => error instanceof DomainError && error.code === 'UNAUTHENTICATED';

describe('verification', () => {
  it('hands PayPal the event byte for byte, with what signed it', async () => {
    const body = Buffer.from(
      '{"id":"WH-EVT-1", "event_type":"X.Y",  "create_time":"2026-01-01T10:00:00Z","resource":{"ü":1.10}}',
    );
    await read(body);
    const [request] = sent;
    assert.ok(typeof request?.body === 'string');
    assert.ok(request.body.endsWith(`,"webhook_event":${body.toString()}}`));
    const { webhook_event: _event, transmission_time: _time, ...signature } = JSON.parse(request.body) as Record<string, unknown>;
    assert.deepEqual(signature, {
      webhook_id: WEBHOOK_ID,
      auth_algo: 'SHA256withRSA',
      cert_url: 'https://api.paypal.com/v1/notifications/certs/1',
      transmission_id: 'tr-1',
      transmission_sig: 'c2ln',
    });
  });

  it('refuses what PayPal did not sign', async () => {
    verdict = () => json({ verification_status: 'FAILURE' });
    await assert.rejects(read(eventOf('X.Y', {})), unauthenticated);
    verdict = () => {
      throw new PaypalError(json({ name: 'VALIDATION_ERROR' }, 400));
    };
    await assert.rejects(read(eventOf('X.Y', {})), unauthenticated);
  });

  it('refuses without asking what has no signature, is old, or is no event', async () => {
    const event = eventOf('X.Y', {});
    const { 'paypal-transmission-sig': _sig, ...unsigned } = headersAt(Date.now());
    await assert.rejects(read(event, unsigned), unauthenticated);
    await assert.rejects(read(event, headersAt(Date.now() - 5 * 86_400_000)), unauthenticated);
    await assert.rejects(read(event, headersAt(Date.now() + 3_600_000)), unauthenticated);
    await assert.rejects(read(event, { ...headersAt(Date.now()), 'paypal-transmission-time': 'soon' }), unauthenticated);
    for (const body of ['', 'no JSON', '{"id":"x"}', '{},"webhook_id":"WH-2"'])
      await assert.rejects(read(Buffer.from(body)), unauthenticated, body);
    await assert.rejects(read(Buffer.from([0x7b, 0xff, 0x7d])), unauthenticated);
    assert.deepEqual(sent, []);
  });

  it('gives no verdict when PayPal gives none, so that it is delivered again', async () => {
    verdict = () => {
      throw new PaypalError(json({}, 503));
    };
    await assert.rejects(read(eventOf('X.Y', {})), (error) => error instanceof GatewayError && error.kind === 'ambiguous');
  });
});

describe('an event', () => {
  const movement = { id: 'C-1', custom_id: CUSTOM_ID, supplementary_data: { related_ids: { order_id: 'O-1' } } };
  const refund = {
    id: 'R-1',
    custom_id: 'ref_1/1/1',
    links: [{ rel: 'up', href: 'https://api-m.paypal.com/v2/payments/captures/C-1' }],
  };
  const dispute = {
    dispute_id: 'PP-D-1',
    create_time: '2026-01-01T10:00:00Z',
    status: 'OPEN',
    dispute_amount: { currency_code: 'EUR', value: '1.00' },
    disputed_transactions: [{ seller_transaction_id: 'C-1', custom: CUSTOM_ID }],
  };
  const ofOrder = { gatewayRef: 'O-1', reference: REFERENCE };
  for (const [type, resource, wanted] of [
    [
      'CHECKOUT.ORDER.APPROVED',
      { id: 'O-1', purchase_units: [{ custom_id: CUSTOM_ID }] },
      { subject: 'payment', paymentState: 'approved', ...ofOrder },
    ],
    ['PAYMENT.AUTHORIZATION.CREATED', movement, { subject: 'payment', paymentState: 'authorized', ...ofOrder }],
    ['PAYMENT.AUTHORIZATION.VOIDED', movement, { subject: 'payment', paymentState: 'canceled', ...ofOrder }],
    ['PAYMENT.CAPTURE.COMPLETED', movement, { subject: 'payment', paymentState: 'captured', ...ofOrder }],
    ['PAYMENT.CAPTURE.DENIED', movement, { subject: 'payment', paymentState: 'failed', ...ofOrder }],
    ['PAYMENT.CAPTURE.REFUNDED', { ...refund, status: 'COMPLETED' }, { subject: 'refund', refund: { key: refund.custom_id, state: 'succeeded' }, ...ofOrder }],
    ['PAYMENT.REFUND.FAILED', { ...refund, status: 'FAILED' }, { subject: 'refund', refund: { key: refund.custom_id, state: 'failed' }, ...ofOrder }],
    ['CUSTOMER.DISPUTE.CREATED', dispute, { subject: 'dispute', disputeRef: 'PP-D-1', reference: REFERENCE }],
    ['VAULT.PAYMENT-TOKEN.CREATED', { id: 'V-1' }, { subject: 'other' }],
    ['CUSTOMER.DISPUTE.CREATED', {}, { subject: 'other' }],
  ] as const) {
    it(`${type} is about ${wanted.subject}`, async () => {
      const event = await read(eventOf(type, resource));
      assert.deepEqual(event, { id: 'WH-EVT-1', type, occurredAt: new Date('2026-01-01T10:00:00Z'), ...wanted });
    });
  }
});
