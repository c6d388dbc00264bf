import type { Dispute } from '../../../domain/payments/dispute-record.ts';
import type { DisputeEvidence } from '../../../domain/payments/dispute.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import { disputeWorkflowId } from '../../../temporal/contracts/disputes.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import type { RequestContext } from '../context.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { Dispute as GraphqlDispute, DisputeRespondInput, DisputeResult, Resolvers } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, optionalTextInput, textInput } from '../text-input.ts';

const MAX_EXPLANATION_LENGTH = 20_000;
const MAX_DETAIL_LENGTH = 1_000;

const toDispute = (dispute: Dispute): GraphqlDispute => ({
  id: dispute.id,
  gateway: dispute.gateway,
  gatewayRef: dispute.gatewayRef,
  paymentId: dispute.paymentId,
  orderId: dispute.orderId,
  amount: { amount: dispute.amount, currency: dispute.currency },
  reason: dispute.reason,
  status: toEnum(dispute.status),
  evidenceDueAt: dispute.evidenceDueAt,
  openedAt: dispute.openedAt,
  response: dispute.response === null ? null : toEnum(dispute.response),
  responseActor: dispute.responseActor,
  respondedAt: dispute.respondedAt,
  closedAt: dispute.closedAt,
  workflowId: disputeWorkflowId({ gateway: dispute.gateway, disputeRef: dispute.gatewayRef }),
});

function shippedOn(value: string | null | undefined): string | undefined {
  if (value == null) return undefined;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value) || Number.isNaN(Date.parse(value))) throw invalid('shippedOn', 'Must be a date such as 2026-11-23');
  return value;
}

function evidenceOf(input: DisputeRespondInput): DisputeEvidence {
  const optional = {
    productDescription: optionalTextInput(input.productDescription, 'productDescription', MAX_DETAIL_LENGTH),
    trackingNumber: optionalTextInput(input.trackingNumber, 'trackingNumber', MAX_DETAIL_LENGTH),
    carrier: optionalTextInput(input.carrier, 'carrier', MAX_DETAIL_LENGTH),
    shippedOn: shippedOn(input.shippedOn),
    refundRef: optionalTextInput(input.refundRef, 'refundRef', MAX_DETAIL_LENGTH),
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { explanation: textInput(input.explanation, 'explanation', MAX_EXPLANATION_LENGTH), ...given };
}

/** Notes the answer with the dispute, then has it sent: the workflow carries no free text. */
async function answer(
  id: string,
  answer: { response: 'evidence' | 'accept'; evidence: DisputeEvidence | null; actor: string },
  { disputes, disputeProcess, disputeReader }: RequestContext,
): Promise<DisputeResult> {
  const prepared = await disputes.prepare(id, answer);
  if (prepared.respondedAt === null) await disputeProcess.answer(prepared);
  return { __typename: 'DisputePayload', dispute: toDispute((await disputeReader.get(id)) ?? prepared) };
}

/** What operators see of disputes and do with them. */
export const disputeResolvers = {
  Query: {
    async disputes(_, { status, ...page }, { disputeReader }) {
      return toConnection(await disputeReader.list(toPageRequest(page), status == null ? {} : { status: fromEnum(status) }), toDispute);
    },
    async dispute(_, { id }, { disputeReader }) {
      const dispute = await disputeReader.get(id);
      return dispute ? toDispute(dispute) : null;
    },
  },
  Mutation: {
    async disputeRespond(_, { input }, context) {
      try {
        const actor = textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);
        return await answer(input.id, { response: 'evidence', evidence: evidenceOf(input), actor }, context);
      } catch (error) {
        return toInputError(error);
      }
    },
    async disputeAccept(_, { input }, context) {
      try {
        return await answer(input.id, { response: 'accept', evidence: null, actor: textInput(input.actor, 'actor', MAX_ACTOR_LENGTH) }, context);
      } catch (error) {
        return toInputError(error);
      }
    },
  },
  Order: {
    async fulfillmentHolds({ id }, _, { orderHolds }) {
      if (id === undefined) throw notFound('The order');
      return (await orderHolds.active(id)).map((hold) => ({ ...hold, kind: toEnum(hold.kind) }));
    },
    disputes: async ({ id }, _, { disputeReader }) => (await disputeReader.ofOrder(id)).map(toDispute),
  },
} satisfies Resolvers;
