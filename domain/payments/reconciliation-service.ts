import type { Incident, IncidentKind } from '../orders/incident.ts';
import type { Page, PageRequest } from '../shared/page.ts';
import type { IncidentCommand } from './incident-action.ts';
import type { ReconciliationRun } from './reconciliation.ts';

/** What operators see of the reconciliation and its incidents, and do with them. */
export interface ReconciliationService {
  /** Newest first. Raises INVALID_INPUT. */
  runs(page: PageRequest, filter: { gateway?: string }): Promise<Page<ReconciliationRun>>;
  /** Begins a run now and sends it on its way. Raises INVALID_INPUT, and INVALID_TRANSITION when one is under way. */
  run(request: { gateway: string; since?: Date; actor: string }): Promise<ReconciliationRun>;
  /** Newest first. */
  incidents(page: PageRequest, filter: { open?: boolean; kind?: IncidentKind }): Promise<Page<Incident>>;
  /** Has something done about an incident, once. Raises NOT_FOUND, INVALID_INPUT, INVALID_TRANSITION, GATEWAY_REJECTED, SERVICE_UNAVAILABLE. */
  act(incidentId: string, command: IncidentCommand): Promise<Incident>;
}
