import { z } from 'zod';
import type { DisputeDesk, DisputeEvidence, DisputeStatus, GatewayDispute } from '../../domain/payments/dispute.ts';
import { GatewayError } from '../../domain/payments/gateway.ts';
import { toMinorUnits } from './amounts.ts';
import { exchange, isRefused, toGatewayError } from './gateway-errors.ts';
import { fromCustomId, toRequestId } from './payment-reference.ts';
import type { PaypalClient } from './paypal-client.ts';
import { parseJson } from './paypal-transport.ts';

/** A dispute as PayPal writes it, in its webhooks too. */
export const PaypalDispute = z.looseObject({
  dispute_id: z.string().min(1),
  create_time: z.string(),
  reason: z.string().default('OTHER'),
  status: z.string(),
  dispute_life_cycle_stage: z.string().optional(),
  dispute_amount: z.looseObject({ currency_code: z.string(), value: z.string() }),
  dispute_outcome: z.looseObject({ outcome_code: z.string().optional() }).optional(),
  seller_response_due_date: z.string().optional(),
  disputed_transactions: z
    .array(z.looseObject({ seller_transaction_id: z.string().optional(), custom: z.string().optional() }))
    .default([]),
});

type PaypalDispute = z.infer<typeof PaypalDispute>;

/** Outcomes that leave the money with the store. */
const WON: ReadonlySet<string | undefined> = new Set([
  'CANCELED_BY_BUYER',
  'DENIED',
  'RESOLVED_SELLER_FAVOUR',
  'RESOLVED_WITH_PAYOUT',
]);

function toStatus({ status, dispute_outcome: outcome, dispute_life_cycle_stage: stage }: PaypalDispute): DisputeStatus {
  if (status === 'RESOLVED') return WON.has(outcome?.outcome_code) ? 'won' : 'lost';
  // The other side is to answer, or PayPal: it is not for us.
  if (status === 'UNDER_REVIEW' || status === 'WAITING_FOR_BUYER_RESPONSE') return 'under_review';
  return stage === 'INQUIRY' ? 'inquiry' : 'needs_response';
}

/** Reads a dispute. A status that we do not know is for people to see. */
export function toDispute(dispute: PaypalDispute): GatewayDispute {
  const {
    dispute_amount: amount,
    seller_response_due_date: due,
    disputed_transactions: [disputed],
  } = dispute;
  const reference = fromCustomId(disputed?.custom);
  return {
    ref: dispute.dispute_id,
    ...(disputed?.seller_transaction_id ? { captureRef: disputed.seller_transaction_id } : {}),
    amount: toMinorUnits({ currencyCode: amount.currency_code, value: amount.value }),
    currency: amount.currency_code,
    reason: dispute.reason.toLowerCase(),
    status: toStatus(dispute),
    ...(due ? { evidenceDueAt: new Date(due) } : {}),
    openedAt: new Date(dispute.create_time),
    ...(reference ? { reference } : {}),
  };
}

/** PayPal wants the kind of proof said: a refund, a shipment, or something else. */
function toEvidence({ explanation, productDescription, trackingNumber, carrier, shippedOn, refundRef }: DisputeEvidence): object {
  const notes = [explanation, productDescription, shippedOn === undefined ? undefined : `Shipped on ${shippedOn}.`]
    .filter((text) => text !== undefined)
    .join('\n\n')
    .slice(0, 2_000);
  if (refundRef !== undefined)
    return { evidence_type: 'PROOF_OF_REFUND', evidence_info: { refund_ids: [{ refund_id: refundRef }] }, notes };
  if (trackingNumber === undefined) return { evidence_type: 'OTHER', notes };
  const tracking = {
    tracking_number: trackingNumber,
    carrier_name: 'OTHER',
    ...(carrier === undefined ? {} : { carrier_name_other: carrier }),
  };
  return { evidence_type: 'PROOF_OF_FULFILLMENT', evidence_info: { tracking_info: [tracking] }, notes };
}

/** Disputes are answered where PayPal keeps them; the SDK has no routes for them. */
export function createDisputeDesk({ transport }: Pick<PaypalClient, 'transport'>): DisputeDesk {
  const pathOf = (ref: string): string => `/v1/customer/disputes/${encodeURIComponent(ref)}`;

  async function retrieve(ref: string): Promise<GatewayDispute> {
    const { text } = await exchange(() => transport.send({ method: 'GET', path: pathOf(ref) }));
    const { success, data } = PaypalDispute.safeParse(parseJson(text));
    if (!success) throw new GatewayError('ambiguous', 'PayPal’s answer is no dispute');
    return toDispute(data);
  }

  /** A change of a dispute. When it waits for no answer any more, its present state is the answer. */
  async function change(ref: string, request: { key: string; action: string; body: string | FormData }): Promise<GatewayDispute> {
    const { key, action, body } = request;
    const headers = {
      'paypal-request-id': toRequestId(key),
      ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
    };
    try {
      await transport.send({ method: 'POST', path: `${pathOf(ref)}/${action}`, headers, body });
    } catch (error) {
      const refusal = toGatewayError(error);
      if (!isRefused(error)) throw refusal;
      const dispute = await retrieve(ref);
      if (dispute.status === 'needs_response' || dispute.status === 'inquiry') throw refusal;
      return dispute;
    }
    return retrieve(ref);
  }

  return {
    retrieve,
    respond({ key, ref, evidence }) {
      // The route takes documents too, so it wants a form, with what we say in its part `input`.
      const body = new FormData();
      const input = JSON.stringify({ evidences: [toEvidence(evidence)] });
      body.append('input', new Blob([input], { type: 'application/json' }), 'input.json');
      return change(ref, { key, action: 'provide-evidence', body });
    },
    accept: ({ key, ref }) =>
      change(ref, { key, action: 'accept-claim', body: JSON.stringify({ note: 'The store accepts the claim.' }) }),
  };
}
