import { isAnswerable, isClosedDispute, type Dispute } from '../../domain/payments/dispute-record.ts';
import type { DisputeDesk, DisputeEvidence, DisputeStatus, GatewayDispute } from '../../domain/payments/dispute.ts';
import type { DisputeStanding } from '../../domain/payments/dispute-standing.ts';
import { GatewayError } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { recordFraudOutcome } from '../checkout/fraud/record-fraud-outcome.ts';
import type { Stores, Work } from '../stores.ts';

/** Disputes and chargebacks, step by step; each safe to repeat. */
export interface DisputeService {
  /** Reads the dispute back from its gateway and records it: freezes or frees fulfilment, tells who must know. Raises GatewayError. */
  refresh(key: { gateway: string; disputeRef: string }): Promise<DisputeStanding>;
  standing(key: { gateway: string; disputeRef: string }): Promise<DisputeStanding | undefined>;
  /** Sends the answer that was noted. Raises GatewayError when there is no answer, GATEWAY_REJECTED when it is refused. */
  sendAnswer(key: { gateway: string; disputeRef: string }): Promise<void>;
  /** The evidence is due soon. */
  escalate(key: { gateway: string; disputeRef: string }): Promise<void>;
  /** Notes an operator's answer; the workflow sends it. Raises NOT_FOUND, INVALID_TRANSITION, CONFLICT. */
  prepare(id: string, answer: { response: 'evidence' | 'accept'; evidence: DisputeEvidence | null; actor: string }): Promise<Dispute>;
}

const ANSWER_KIND = 'dispute_needs_response';

/** Builds the use cases of disputes over the stores and the gateways. */
export function createDisputeService(deps: { work: Work; gateways: Gateways; newId: IdGenerator; now: () => Date }): DisputeService {
  const { work, gateways, newId, now } = deps;

  function deskOf(gateway: string): DisputeDesk {
    const { disputes } = gateways.get(gateway);
    if (!disputes) throw new DomainError('INVALID_INPUT', `${gateway} has no disputes`, 'gateway');
    return disputes;
  }

  const standingOf = (dispute: Dispute): DisputeStanding => ({
    id: dispute.id,
    status: dispute.status,
    answerWaits: dispute.response !== null && dispute.respondedAt === null && isAnswerable(dispute.status),
    ...(dispute.evidenceDueAt && isAnswerable(dispute.status) && dispute.response === null
      ? { dueInMs: Math.max(0, dispute.evidenceDueAt.getTime() - now().getTime()) }
      : {}),
  });

  const paymentOf = (stores: Stores, gateway: string, told: GatewayDispute): Promise<PaymentRecord | undefined> | undefined => {
    if (told.reference) return stores.payments.get(told.reference.paymentId);
    return told.gatewayRef === undefined ? undefined : stores.payments.ofGatewayRef(gateway, told.gatewayRef);
  };

  async function callSomebody(stores: Stores, dispute: Dispute): Promise<void> {
    const { id: subjectId, gateway, gatewayRef, paymentId, orderId, amount, currency, evidenceDueAt } = dispute;
    const due = evidenceDueAt ? `; the evidence is due on ${evidenceDueAt.toISOString()}` : '';
    await stores.incidents.raise(newId('incident'), {
      kind: ANSWER_KIND,
      subjectId,
      gateway,
      ...(paymentId === null ? {} : { paymentId }),
      ...(orderId === null ? {} : { orderId }),
      amount,
      currency,
      cause: `The payment is disputed (${dispute.reason}, ${gatewayRef})${due}`,
      nextAction: 'Answer the dispute with evidence, or accept it',
    });
  }

  async function closeIncident(stores: Stores, dispute: Dispute, resolution: string): Promise<void> {
    const incident = await stores.incidents.findOpen(ANSWER_KIND, dispute.id);
    if (incident) await stores.incidents.resolve(incident.id, resolution);
  }

  /** What follows from the dispute's new state. */
  async function act(stores: Stores, dispute: Dispute, before: DisputeStatus | undefined): Promise<void> {
    const { id, orderId, status, reason } = dispute;
    if (status === before) return;
    if (orderId !== null) {
      // A lost dispute keeps the goods here: they are not paid for any more.
      if (status === 'won') await stores.orderHolds.release(orderId, 'dispute', id);
      else await stores.orderHolds.place(orderId, { kind: 'dispute', referenceId: id, reason: `The payment is disputed: ${reason}` });
    }
    if (isAnswerable(status)) await callSomebody(stores, dispute);
    else await closeIncident(stores, dispute, `The dispute is ${status}`);
    const told = before === undefined ? 'dispute.opened' : isClosedDispute(status) ? 'dispute.closed' : 'dispute.updated';
    const { paymentId, amount, currency, gateway } = dispute;
    await stores.outbox.append({
      id: newId('event'),
      type: told,
      aggregateId: orderId ?? id,
      payload: { disputeId: id, orderId, paymentId, gateway, amount, currency, reason, status },
    });
    if (status === 'lost' && orderId !== null && /fraud|unauthori[sz]ed/i.test(reason)) {
      await recordFraudOutcome(stores, { orderId, outcome: 'chargeback', source: 'dispute', reference: dispute.gatewayRef, actor: gateway }, newId);
    }
  }

  async function record(gateway: string, told: GatewayDispute): Promise<Dispute> {
    return work.transaction(async (stores) => {
      const payment = await paymentOf(stores, gateway, told);
      const order = payment && (await stores.orders.lock(payment.orderId));
      const subject = { paymentId: payment?.id ?? null, orderId: order?.id ?? null };
      const { dispute, before } = await stores.disputes.record(newId('dispute'), gateway, told, subject);
      if (!payment && before === undefined) {
        await stores.incidents.raise(newId('incident'), {
          kind: 'unknown_payment',
          subjectId: told.gatewayRef ?? told.ref,
          gateway,
          ...(told.gatewayRef === undefined ? {} : { paymentRef: told.gatewayRef }),
          amount: told.amount,
          currency: told.currency,
          cause: `${gateway} tells of a dispute about a payment that is not ours (${told.ref})`,
          nextAction: "Look the payment up in the gateway's dashboard",
        });
      }
      await act(stores, dispute, before);
      return dispute;
    });
  }

  const find = async ({ gateway, disputeRef }: { gateway: string; disputeRef: string }): Promise<Dispute> => {
    const dispute = await work.stores.disputes.find(gateway, disputeRef);
    if (!dispute) throw notFound('The dispute', 'id');
    return dispute;
  };

  return {
    refresh: async ({ gateway, disputeRef }) => standingOf(await record(gateway, await deskOf(gateway).retrieve(disputeRef))),

    async standing({ gateway, disputeRef }) {
      const dispute = await work.stores.disputes.find(gateway, disputeRef);
      return dispute && standingOf(dispute);
    },

    async sendAnswer(key) {
      const dispute = await find(key);
      if (dispute.response === null || dispute.respondedAt !== null) return;
      const desk = deskOf(dispute.gateway);
      const request = { key: `${dispute.id}/${dispute.response}/1`, ref: dispute.gatewayRef };
      // An answer that got through before is not asked for any more.
      const seen = await desk.retrieve(dispute.gatewayRef);
      let told = seen;
      if (isAnswerable(seen.status)) {
        try {
          told = dispute.evidence === null ? await desk.accept(request) : await desk.respond({ ...request, evidence: dispute.evidence });
        } catch (error) {
          if (!(error instanceof GatewayError) || (error.kind !== 'rejected' && !error.replayed)) throw error;
          await work.stores.disputes.clearResponse(dispute.id);
          throw new DomainError('GATEWAY_REJECTED', error.message, 'evidence');
        }
      }
      await work.stores.disputes.markResponded(dispute.id);
      await record(dispute.gateway, told);
      await work.transaction((stores) => closeIncident(stores, dispute, 'The dispute was answered'));
    },

    async escalate(key) {
      const dispute = await find(key);
      if (dispute.response === null && isAnswerable(dispute.status)) await work.transaction((stores) => callSomebody(stores, dispute));
    },

    prepare: (id, answer) =>
      work.transaction(async (stores) => {
        const dispute = await stores.disputes.get(id);
        if (!dispute) throw notFound('The dispute', 'id');
        if (!isAnswerable(dispute.status)) throw new DomainError('INVALID_TRANSITION', `The dispute is ${dispute.status}: no answer is asked for`, 'id');
        if (await stores.disputes.prepare(id, answer)) {
          await stores.audit.append({ actor: answer.actor, action: `dispute.${answer.response}`, subjectId: id });
          return dispute;
        }
        // Somebody was first. The same wish is joined; another one is refused.
        const first = await stores.disputes.get(id);
        if (first?.response !== answer.response) throw new DomainError('CONFLICT', `${first?.responseActor ?? 'Somebody'} has answered the dispute otherwise`, 'id');
        return dispute;
      }),
  };
}
