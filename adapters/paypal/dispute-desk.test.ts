import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GatewayError } from '../../domain/payments/gateway.ts';
import { createDisputeDesk, PaypalDispute, toDispute } from './dispute-desk.ts';
import { PaypalError, type PaypalAnswer } from './paypal-error.ts';
import type { PaypalRequest, PaypalTransport } from './paypal-transport.ts';

const DISPUTE = {
  dispute_id: 'PP-D-1',
  create_time: '2026-01-01T10:00:00.000Z',
  reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
  status: 'WAITING_FOR_SELLER_RESPONSE',
  dispute_life_cycle_stage: 'CHARGEBACK',
  dispute_amount: { currency_code: 'EUR', value: '12.34' },
  seller_response_due_date: '2026-01-11T10:00:00.000Z',
  disputed_transactions: [{ seller_transaction_id: 'C-1', custom: 'cart_1|chk_1|ord_1|pay_1' }],
};

const answer = (content: unknown, status = 200): PaypalAnswer => ({ status, headers: {}, text: JSON.stringify(content) });

/** PayPal with one dispute, which refuses changes when it waits for none. */
function paypalWith(dispute: typeof DISPUTE & { dispute_outcome?: { outcome_code: string } }): {
  transport: PaypalTransport;
  sent: PaypalRequest[];
} {
  const sent: PaypalRequest[] = [];
  const transport: PaypalTransport = {
    async send(request) {
      sent.push(request);
      if (request.method === 'GET') return answer(dispute);
      if (dispute.status !== 'WAITING_FOR_SELLER_RESPONSE') throw new PaypalError(answer({ name: 'UNPROCESSABLE_ENTITY' }, 422));
      dispute.status = 'UNDER_REVIEW';
      return answer({ links: [] });
    },
  };
  return { transport, sent };
}

describe('a dispute', () => {
  it('names the capture, our ids and until when it is to be answered', () => {
    assert.deepEqual(toDispute(PaypalDispute.parse(DISPUTE)), {
      ref: 'PP-D-1',
      captureRef: 'C-1',
      amount: 1_234,
      currency: 'EUR',
      reason: 'merchandise_or_service_not_received',
      status: 'needs_response',
      evidenceDueAt: new Date('2026-01-11T10:00:00Z'),
      openedAt: new Date('2026-01-01T10:00:00Z'),
      reference: { cartId: 'cart_1', checkoutId: 'chk_1', orderId: 'ord_1', paymentId: 'pay_1' },
    });
  });

  for (const [change, status] of [
    [{ status: 'OPEN', dispute_life_cycle_stage: 'INQUIRY' }, 'inquiry'],
    [{ status: 'OPEN' }, 'needs_response'],
    [{ status: 'UNDER_REVIEW' }, 'under_review'],
    [{ status: 'WAITING_FOR_BUYER_RESPONSE', dispute_life_cycle_stage: 'INQUIRY' }, 'under_review'],
    [{ status: 'RESOLVED', dispute_outcome: { outcome_code: 'RESOLVED_SELLER_FAVOUR' } }, 'won'],
    [{ status: 'RESOLVED', dispute_outcome: { outcome_code: 'CANCELED_BY_BUYER' } }, 'won'],
    [{ status: 'RESOLVED', dispute_outcome: { outcome_code: 'RESOLVED_BUYER_FAVOUR' } }, 'lost'],
    [{ status: 'RESOLVED', dispute_outcome: { outcome_code: 'ACCEPTED' } }, 'lost'],
    [{ status: 'SOMETHING_NEW' }, 'needs_response'],
  ] as const) {
    it(`is ${status} when PayPal says ${JSON.stringify(change)}`, () => {
      assert.equal(toDispute(PaypalDispute.parse({ ...DISPUTE, ...change })).status, status);
    });
  }
});

describe('the desk', () => {
  it('sends the evidence as a form with the kind of proof, and tells what came of it', async () => {
    const { transport, sent } = paypalWith({ ...DISPUTE });
    const evidence = { explanation: 'It was delivered.', trackingNumber: '1Z', carrier: 'UPS', shippedOn: '2026-01-02' };
    const dispute = await createDisputeDesk({ transport }).respond({ key: 'k1', ref: 'PP-D-1', evidence });
    assert.equal(dispute.status, 'under_review');
    const [request] = sent;
    assert.equal(request?.path, '/v1/customer/disputes/PP-D-1/provide-evidence');
    assert.ok(request.body instanceof FormData);
    const input = request.body.get('input');
    assert.ok(input instanceof Blob);
    const tracking = { tracking_number: '1Z', carrier_name: 'OTHER', carrier_name_other: 'UPS' };
    assert.deepEqual(JSON.parse(await input.text()), {
      evidences: [
        {
          evidence_type: 'PROOF_OF_FULFILLMENT',
          evidence_info: { tracking_info: [tracking] },
          notes: 'It was delivered.\n\nShipped on 2026-01-02.',
        },
      ],
    });
  });

  it('answers with the present state when nothing is waited for any more', async () => {
    const { transport } = paypalWith({ ...DISPUTE, status: 'RESOLVED', dispute_outcome: { outcome_code: 'ACCEPTED' } });
    assert.equal((await createDisputeDesk({ transport }).accept({ key: 'k', ref: 'PP-D-1' })).status, 'lost');
  });

  it('fails when PayPal refuses an answer that it waits for', async () => {
    const { transport } = paypalWith({ ...DISPUTE, status: 'OPEN' });
    const refused = (error: unknown): boolean => error instanceof GatewayError && error.kind === 'rejected';
    await assert.rejects(createDisputeDesk({ transport }).accept({ key: 'k', ref: 'PP-D-1' }), refused);
  });
});
