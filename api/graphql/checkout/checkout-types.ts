import type { Checkout } from '../../../domain/checkout/checkout.ts';
import type { FraudAssessment } from '../../../domain/checkout/fraud/assess-fraud.ts';
import { checkoutWorkflowId } from '../../../temporal/contracts/checkout.ts';
import { toEnum } from '../enum-names.ts';
import type { AdminCheckout, FraudAssessment as GraphqlAssessment } from '../generated/admin.ts';

const toAssessment = ({ score, decision, reasons, ruleSetVersionId, facts = {} }: FraudAssessment): GraphqlAssessment => ({
  score,
  decision,
  reasons,
  ruleSetVersionId: ruleSetVersionId ?? null,
  facts: Object.entries(facts).map(([name, value]) => ({ name, value })),
});

/** A checkout as operators see it. */
export const toAdminCheckout = (checkout: Checkout): AdminCheckout => ({
  id: checkout.id,
  cartId: checkout.cartId,
  orderId: checkout.orderId,
  attempt: checkout.attempt,
  status: toEnum(checkout.status),
  total: { amount: checkout.total, currency: checkout.currency },
  fraud: checkout.fraud && toAssessment(checkout.fraud),
  reviewDeadline: checkout.reviewDeadline,
  holdExpiresAt: checkout.holdExpiresAt,
  workflowId: checkoutWorkflowId(checkout.cartId),
  createdAt: checkout.createdAt,
  updatedAt: checkout.updatedAt,
});
