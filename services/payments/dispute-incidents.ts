import type { Dispute } from '../../domain/payments/dispute-record.ts';
import type { GatewayDispute } from '../../domain/payments/dispute.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores } from '../stores.ts';

const KIND = 'dispute_needs_response';

/** What people are told of disputes. Part of the caller's transaction; telling it again changes an open incident's text only. */
export interface DisputeIncidents {
  /** Calls for an answer; `soon`: once more, for the evidence is due. */
  askForAnswer(stores: Stores, dispute: Dispute, options?: { soon: boolean }): Promise<void>;
  answered(stores: Stores, dispute: Dispute, resolution: string): Promise<void>;
  unknownPayment(stores: Stores, gateway: string, told: GatewayDispute): Promise<void>;
  /** The gateway speaks of a dispute and does not show it. */
  unreadable(stores: Stores, dispute: { gateway: string; disputeRef: string }, cause: string): Promise<void>;
  /** It does now. */
  readable(stores: Stores, disputeRef: string): Promise<void>;
}

/** Builds them. */
export function createDisputeIncidents(newId: IdGenerator): DisputeIncidents {
  async function close(stores: Stores, subjectId: string, resolution: string): Promise<void> {
    const incident = await stores.incidents.findOpen(KIND, subjectId);
    if (incident) await stores.incidents.resolve(incident.id, resolution);
  }

  return {
    async askForAnswer(stores, dispute, { soon } = { soon: false }) {
      const { id: subjectId, gateway, gatewayRef, paymentId, orderId, amount, currency, evidenceDueAt, reason } = dispute;
      const due = evidenceDueAt ? `; the evidence is due on ${evidenceDueAt.toISOString()}` : '';
      await stores.incidents.raise(newId('incident'), {
        kind: KIND,
        subjectId,
        gateway,
        ...(paymentId === null ? {} : { paymentId }),
        ...(orderId === null ? {} : { orderId }),
        amount,
        currency,
        cause: `${soon ? 'Still not answered: the' : 'The'} payment is disputed (${reason}, ${gatewayRef})${due}`,
        nextAction: 'Answer the dispute with evidence, or accept it',
        actions: ['ignore'],
      });
    },

    answered: (stores, dispute, resolution) => close(stores, dispute.id, resolution),

    async unknownPayment(stores, gateway, { ref, gatewayRef, amount, currency }) {
      await stores.incidents.raise(newId('incident'), {
        kind: 'unknown_payment',
        subjectId: gatewayRef ?? ref,
        gateway,
        ...(gatewayRef === undefined ? {} : { paymentRef: gatewayRef }),
        amount,
        currency,
        cause: `${gateway} tells of a dispute about a payment that is not ours (${ref})`,
        nextAction: "Look the payment up in the gateway's dashboard",
        // The bank may have taken the money already: a refund would give it away twice.
        actions: gatewayRef === undefined ? ['ignore'] : ['retry', 'adopt', 'ignore'],
      });
    },

    async unreadable(stores, { gateway, disputeRef }, cause) {
      await stores.incidents.raise(newId('incident'), {
        kind: KIND,
        subjectId: disputeRef,
        gateway,
        cause: `${gateway} tells of the dispute ${disputeRef} and does not show it: ${cause}`,
        nextAction: "Look the dispute up in the gateway's dashboard and answer it there",
        actions: ['ignore'],
      });
    },

    readable: (stores, disputeRef) => close(stores, disputeRef, 'The gateway shows the dispute'),
  };
}
