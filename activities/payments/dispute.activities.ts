import type { DisputeService } from '../../services/payments/dispute-service.ts';
import type { DisputeActivities, DisputeSteps } from '../../temporal/contracts/disputes.ts';
import { withFailures } from '../failures.ts';
import { whileHeartbeating } from '../heartbeat.ts';

/** The steps of disputes and their calls to the gateways. */
export const createDisputeActivities = (disputes: DisputeService): DisputeSteps & DisputeActivities =>
  withFailures({
    loadDispute: async (key) => (await disputes.standing(key)) ?? null,
    escalateDispute: (key) => disputes.escalate(key),
    reportUnreadableDispute: ({ cause, ...key }) => disputes.reportUnreadable(key, cause),
    refreshDispute: (key) => whileHeartbeating(() => disputes.refresh(key)),
    sendDisputeAnswer: (key) => whileHeartbeating(() => disputes.sendAnswer(key)),
  } satisfies DisputeSteps & DisputeActivities);
