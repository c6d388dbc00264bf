import { isDeepStrictEqual } from 'node:util';
import { isAnswerable, isClosedDispute, type Dispute } from '../../domain/payments/dispute-record.ts';
import type { DisputeDesk, DisputeEvidence, GatewayDispute } from '../../domain/payments/dispute.ts';
import type { DisputeStanding } from '../../domain/payments/dispute-standing.ts';
import { GatewayError } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { recordFraudOutcome } from '../checkout/fraud/record-fraud-outcome.ts';
import type { Stores, Work } from '../stores.ts';
import { createDisputeIncidents } from './dispute-incidents.ts';

interface DisputeKey {
  readonly gateway: string;
  readonly disputeRef: string;
}

interface Answer {
  readonly response: 'evidence' | 'accept';
  /** Null: accepted. */
  readonly evidence: DisputeEvidence | null;
  readonly actor: string;
}

/** Disputes and chargebacks, step by step; each safe to repeat. */
export interface DisputeService {
  /** Reads the dispute back and records it: freezes or frees fulfilment, tells who must know. Raises GatewayError. */
  refresh(key: DisputeKey): Promise<DisputeStanding>;
  standing(key: DisputeKey): Promise<DisputeStanding | undefined>;
  /** Sends what was noted. Raises GatewayError when the gateway is silent, GATEWAY_REJECTED or INVALID_TRANSITION when it does not take it. */
  sendAnswer(key: DisputeKey): Promise<void>;
  /** The evidence is due soon. */
  escalate(key: DisputeKey): Promise<void>;
  /** The gateway speaks of a dispute and does not show it. */
  reportUnreadable(key: DisputeKey, cause: string): Promise<void>;
  /**
   * Notes an operator's answer; the workflow sends it. The same answer again is joined.
   * Raises NOT_FOUND, INVALID_TRANSITION when none is asked for, CONFLICT when there is another one.
   */
  prepare(id: string, answer: Answer): Promise<Dispute>;
}

/** An answer that was noted so long ago and not sent: whoever gave it is gone. */
const ABANDONED_AFTER_MS = 60_000;

const FRAUD = /fraud|unauthori[sz]ed/i;

const noAnswerAsked = ({ status }: Pick<Dispute, 'status'>): DomainError =>
  new DomainError('INVALID_TRANSITION', `The dispute is ${status}: no answer is asked for`, 'id');

/** Builds the use cases of disputes over the stores and the gateways. */
export function createDisputeService(deps: {
  work: Work;
  gateways: Gateways;
  newId: IdGenerator;
  now: () => Date;
}): DisputeService {
  const { work, gateways, newId, now } = deps;
  const incidents = createDisputeIncidents(newId);

  function deskOf(gateway: string): DisputeDesk {
    const { disputes } = gateways.get(gateway);
    if (!disputes) throw new DomainError('INVALID_INPUT', `${gateway} has no disputes`, 'gateway');
    return disputes;
  }

  /** What the gateway says, and as of when at the earliest. */
  async function ask({ gateway, disputeRef }: DisputeKey): Promise<GatewayDispute & { toldAt: Date }> {
    const toldAt = now();
    return { ...(await deskOf(gateway).retrieve(disputeRef)), toldAt };
  }

  function standingOf({ id, status, response, preparedAt, respondedAt, evidenceDueAt }: Dispute): DisputeStanding {
    const msTo = (time: number): number => Math.max(0, time - now().getTime());
    if (!isAnswerable(status)) return { id, status };
    if (response === null) return { id, status, ...(evidenceDueAt ? { dueInMs: msTo(evidenceDueAt.getTime()) } : {}) };
    return { id, status, ...(preparedAt && !respondedAt ? { sendInMs: msTo(preparedAt.getTime() + ABANDONED_AFTER_MS) } : {}) };
  }

  /** By our own ids, by the gateway's payment, or by what was captured: gateways do not tell all of them. */
  async function paymentOf(stores: Stores, gateway: string, told: GatewayDispute): Promise<PaymentRecord | undefined> {
    const { reference, gatewayRef, captureRef } = told;
    return (
      (reference && (await stores.payments.get(reference.paymentId))) ??
      (gatewayRef === undefined ? undefined : await stores.payments.ofGatewayRef(gateway, gatewayRef)) ??
      (captureRef === undefined ? undefined : await stores.payments.ofCapture(gateway, captureRef))
    );
  }

  /** What follows from the dispute's new state, or from knowing its order. */
  async function act(stores: Stores, dispute: Dispute, before: Dispute | undefined): Promise<void> {
    const { id, orderId, status, reason, paymentId, amount, currency, gateway } = dispute;
    if (status === before?.status && orderId === before.orderId) return;
    if (orderId !== null) {
      // A lost dispute keeps the goods here: they are not paid for any more.
      if (status === 'won') await stores.orderHolds.release(orderId, 'dispute', id);
      else {
        const hold = { kind: 'dispute', referenceId: id, reason: `The payment is disputed: ${reason}` } as const;
        await stores.orderHolds.place(orderId, hold);
      }
    }
    if (!isAnswerable(status)) await incidents.answered(stores, dispute, `The dispute is ${status}`);
    else if (dispute.response === null) await incidents.askForAnswer(stores, dispute);
    const closed = isClosedDispute(status) && status !== before?.status;
    const events = [...(before ? [] : (['dispute.opened'] as const)), ...(closed ? (['dispute.closed'] as const) : before ? (['dispute.updated'] as const) : [])];
    for (const type of events) {
      await stores.outbox.append({
        id: newId('event'),
        type,
        aggregateId: orderId ?? id,
        payload: { disputeId: id, orderId, paymentId, gateway, amount, currency, reason, status, evidenceDueAt: dispute.evidenceDueAt?.toISOString() ?? null },
      });
    }
    if (status === 'lost' && orderId !== null && FRAUD.test(reason)) {
      const { gatewayRef: reference } = dispute;
      await recordFraudOutcome(stores, { orderId, outcome: 'chargeback', source: 'dispute', reference, actor: gateway }, newId);
    }
  }

  async function record(stores: Stores, gateway: string, told: GatewayDispute & { toldAt: Date }): Promise<Dispute> {
    const payment = await paymentOf(stores, gateway, told);
    const order = payment && (await stores.orders.lock(payment.orderId));
    const subject = { paymentId: payment?.id ?? null, orderId: order?.id ?? null };
    const { dispute, before } = await stores.disputes.record(newId('dispute'), { ...told, ...subject, gateway });
    if (!before) {
      await incidents.readable(stores, told.ref);
      if (!payment) await incidents.unknownPayment(stores, gateway, told);
    }
    await act(stores, dispute, before);
    return dispute;
  }

  const find = async ({ gateway, disputeRef }: DisputeKey): Promise<Dispute> => {
    const dispute = await work.stores.disputes.find(gateway, disputeRef);
    if (!dispute) throw notFound('The dispute', 'id');
    return dispute;
  };

  /** Tells the gateway. What it refuses for good makes room for another answer, under another key. */
  async function send(dispute: Dispute): Promise<GatewayDispute> {
    const { id, evidence, gatewayRef: ref, response, responseNumber } = dispute;
    const desk = deskOf(dispute.gateway);
    const key = `${id}/${response ?? 'none'}/${responseNumber}`;
    await work.stores.disputes.markSent(id);
    try {
      return evidence === null ? await desk.accept({ key, ref }) : await desk.respond({ key, ref, evidence });
    } catch (error) {
      if (!(error instanceof GatewayError) || (error.kind !== 'rejected' && !error.replayed)) throw error;
      // A stored failure is replayed for ever, though the call may have had its effect.
      const seen = error.replayed ? await desk.retrieve(ref) : undefined;
      if (seen && !isAnswerable(seen.status)) return seen;
      await work.stores.disputes.clearResponse(id);
      throw new DomainError('GATEWAY_REJECTED', error.message, 'evidence');
    }
  }

  return {
    async refresh(key) {
      const told = await ask(key);
      return standingOf(await work.transaction((stores) => record(stores, key.gateway, told)));
    },

    async standing({ gateway, disputeRef }) {
      const dispute = await work.stores.disputes.find(gateway, disputeRef);
      return dispute && standingOf(dispute);
    },

    async sendAnswer(key) {
      const dispute = await find(key);
      if (dispute.respondedAt !== null) return;
      // Somebody else has sent it, and heard why it was not taken.
      if (dispute.response === null) throw new DomainError('GATEWAY_REJECTED', 'The gateway did not take the answer', 'evidence');
      // An answer that got through before is not asked for any more.
      const seen = await ask(key);
      if (!isAnswerable(seen.status) && dispute.sentAt === null) {
        await work.transaction(async (stores) => {
          await stores.disputes.clearResponse(dispute.id);
          await record(stores, dispute.gateway, seen);
        });
        throw noAnswerAsked(seen);
      }
      const told = isAnswerable(seen.status) ? { ...(await send(dispute)), toldAt: now() } : seen;
      await work.transaction(async (stores) => {
        await record(stores, dispute.gateway, told);
        await stores.disputes.markResponded(dispute.id);
        await incidents.answered(stores, dispute, 'The dispute was answered');
      });
    },

    async escalate(key) {
      const dispute = await find(key);
      if (dispute.response !== null || !isAnswerable(dispute.status)) return;
      await work.transaction((stores) => incidents.askForAnswer(stores, dispute, { soon: true }));
    },

    reportUnreadable: (key, cause) => work.transaction((stores) => incidents.unreadable(stores, key, cause)),

    prepare: (id, answer) =>
      work.transaction(async (stores) => {
        const dispute = await stores.disputes.get(id);
        if (!dispute) throw notFound('The dispute', 'id');
        if (dispute.response === null) {
          if (!isAnswerable(dispute.status)) throw noAnswerAsked(dispute);
          if (await stores.disputes.prepare(id, answer)) {
            await stores.audit.append({ actor: answer.actor, action: `dispute.${answer.response}`, subjectId: id });
            return dispute;
          }
        }
        // Somebody was first.
        const first = await stores.disputes.get(id);
        if (first?.response === answer.response && isDeepStrictEqual(first.evidence, answer.evidence)) return first;
        throw new DomainError('CONFLICT', `${first?.responseActor ?? 'Somebody'} has answered the dispute otherwise`, 'id');
      }),
  };
}
