import type { Refund } from '../../../domain/payments/refund.ts';
import { refundWorkflowId } from '../../../temporal/contracts/refunds.ts';
import { toEnum } from '../enum-names.ts';
import type { AdminRefund } from '../generated/admin.ts';
import type { Refund as GraphqlRefund } from '../generated/storefront.ts';

/** A refund as both schemas show it. */
export const toRefund = (refund: Refund): GraphqlRefund => ({
  id: refund.id,
  amount: { amount: refund.amount, currency: refund.currency },
  status: toEnum(refund.status),
  destination: toEnum(refund.destination),
  shipping: { amount: refund.shippingAmount, currency: refund.currency },
  reason: refund.reason,
  lines: refund.lines.map(({ orderLineId, quantity, amount }) => ({ orderLineId, quantity, amount: { amount, currency: refund.currency } })),
  createdAt: refund.createdAt,
  finishedAt: refund.finishedAt,
});

/** A refund with what is for operators only. */
export const toAdminRefund = (refund: Refund): AdminRefund => {
  const { __typename: _, ...shown } = toRefund(refund);
  return {
    ...shown,
    orderId: refund.orderId,
    source: toEnum(refund.source),
    note: refund.note,
    actor: refund.actor,
    parts: refund.parts.map(({ paymentId, amount, status, gatewayRef, attempt, failure }) => ({
      paymentId,
      amount: { amount, currency: refund.currency },
      status: toEnum(status),
      gatewayRef,
      attempt,
      failure,
    })),
    workflowId: refundWorkflowId(refund.id),
  };
};
