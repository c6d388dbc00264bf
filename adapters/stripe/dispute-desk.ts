import type Stripe from 'stripe';
import type { DisputeDesk, DisputeEvidence, DisputeStatus, GatewayDispute } from '../../domain/payments/dispute.ts';
import { exchange, isRefused, toGatewayError } from './gateway-errors.ts';
import { idOf } from './payment-mapping.ts';
import { fromMetadata } from './payment-reference.ts';

const STATUSES: Readonly<Record<string, DisputeStatus>> = {
  warning_needs_response: 'inquiry',
  warning_under_review: 'under_review',
  needs_response: 'needs_response',
  appeal_needs_response: 'needs_response',
  under_review: 'under_review',
  appeal_under_review: 'under_review',
  lost: 'lost',
  // An inquiry that ended, and a dispute that was kept off, took no money.
  warning_closed: 'won',
  prevented: 'won',
  won: 'won',
};

/** Our own ids are with the charge. */
const EXPAND_CHARGE = ['charge'];

/** Reads a dispute; our reference comes with the expanded charge. A status that we do not know is for people to see. */
export function toDispute(dispute: Stripe.Dispute): GatewayDispute {
  const charge = typeof dispute.charge === 'object' ? dispute.charge : undefined;
  const gatewayRef = idOf(dispute.payment_intent) ?? idOf(charge?.payment_intent);
  const captureRef = idOf(dispute.charge);
  const { due_by: dueBy } = dispute.evidence_details;
  const reference = fromMetadata(charge?.metadata);
  return {
    ref: dispute.id,
    ...(gatewayRef ? { gatewayRef } : {}),
    ...(captureRef ? { captureRef } : {}),
    amount: dispute.amount,
    currency: dispute.currency.toUpperCase(),
    reason: dispute.reason,
    status: STATUSES[dispute.status] ?? 'needs_response',
    ...(dueBy ? { evidenceDueAt: new Date(dueBy * 1000) } : {}),
    openedAt: new Date(dispute.created * 1000),
    ...(reference ? { reference } : {}),
  };
}

function toEvidence(evidence: DisputeEvidence): Stripe.DisputeUpdateParams.Evidence {
  const { explanation, productDescription, trackingNumber, carrier, shippedOn, refundRef } = evidence;
  const refunded = refundRef === undefined ? '' : `\n\nThe payment was refunded already: ${refundRef}`;
  return {
    uncategorized_text: `${explanation}${refunded}`,
    ...(productDescription === undefined ? {} : { product_description: productDescription }),
    ...(trackingNumber === undefined ? {} : { shipping_tracking_number: trackingNumber }),
    ...(carrier === undefined ? {} : { shipping_carrier: carrier }),
    ...(shippedOn === undefined ? {} : { shipping_date: shippedOn }),
  };
}

/** Disputes are answered where Stripe keeps them. */
export function createDisputeDesk(stripe: Stripe): DisputeDesk {
  const retrieve = async (ref: string): Promise<GatewayDispute> =>
    toDispute(await exchange(() => stripe.disputes.retrieve(ref, { expand: EXPAND_CHARGE })));

  /** A change of a dispute. When it waits for no answer any more, its present state is the answer. */
  async function change(ref: string, call: () => Promise<Stripe.Dispute>): Promise<GatewayDispute> {
    try {
      return toDispute(await call());
    } catch (error) {
      const refusal = toGatewayError(error);
      if (!isRefused(error)) throw refusal;
      const dispute = await retrieve(ref);
      if (dispute.status === 'needs_response' || dispute.status === 'inquiry') throw refusal;
      return dispute;
    }
  }

  return {
    retrieve,
    respond: ({ key, ref, evidence }) =>
      change(ref, () =>
        stripe.disputes.update(
          ref,
          { evidence: toEvidence(evidence), submit: true, expand: EXPAND_CHARGE },
          { idempotencyKey: key },
        ),
      ),
    accept: ({ key, ref }) => change(ref, () => stripe.disputes.close(ref, { expand: EXPAND_CHARGE }, { idempotencyKey: key })),
  };
}
