import type { Gateways } from '../../domain/payments/gateways.ts';
import type { PaymentIncidents } from '../../services/payments/incidents/payment-incidents.ts';
import type { GatewayReconciler } from '../../services/payments/reconcile-gateway.ts';
import type { IncidentActivities, IncidentSteps } from '../../temporal/contracts/incidents.ts';
import type { ReconciliationActivities, ReconciliationSteps } from '../../temporal/contracts/reconciliation.ts';
import { withFailures } from '../failures.ts';
import { whileHeartbeating } from '../heartbeat.ts';

/** The steps of the reconciliation, and of what operators have done about its incidents. */
export function createReconciliationActivities(deps: {
  gateways: Gateways;
  reconciler: GatewayReconciler;
  incidents: PaymentIncidents;
}): ReconciliationSteps & ReconciliationActivities & IncidentSteps & IncidentActivities {
  const { gateways, reconciler, incidents } = deps;
  return withFailures({
    listGateways: async () => gateways.names,
    beginReconciliation: async ({ gateway, actor }) => (await reconciler.begin({ gateway, actor })).id,
    failReconciliation: ({ runId, error }) => reconciler.fail(runId, error),
    reconcilePages: ({ runId, pages }) => whileHeartbeating(() => reconciler.advance(runId, pages)),
    beginIncidentAction: ({ incidentId, command }) => incidents.begin(incidentId, command),
    releaseIncident: ({ incidentId, error }) => incidents.release(incidentId, error),
    carryOutIncidentAction: ({ incidentId, command }) => whileHeartbeating(() => incidents.carryOut(incidentId, command)),
  } satisfies ReconciliationSteps & ReconciliationActivities & IncidentSteps & IncidentActivities);
}
