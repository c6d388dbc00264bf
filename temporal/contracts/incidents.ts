import { defineUpdate } from '@temporalio/workflow';
import type { IncidentCommand } from '../../domain/payments/incident-action.ts';

/** Wire name of the workflow that does what an operator wants done about a payment incident. */
export const INCIDENT_WORKFLOW = 'incident';

/** One at a time for each incident: whoever clicks second joins, or is refused. */
export const incidentWorkflowId = (incidentId: string): string => `incident/${incidentId}`;

/** The command travels with the start: it is carried out even when the update that came with it never arrives. */
export interface IncidentInput {
  readonly incidentId: string;
  readonly command: IncidentCommand;
}

/** Waits until the action is done. Refused when another one is under way. */
export const actOnIncidentUpdate = defineUpdate<void, [IncidentCommand]>('act');

/** Short idempotent database steps: local activities. */
export interface IncidentSteps {
  /** False: done already. */
  beginIncidentAction(input: IncidentInput): Promise<boolean>;
  releaseIncident(input: { incidentId: string; error: string }): Promise<void>;
}

/** Calls to the gateways. */
export interface IncidentActivities {
  carryOutIncidentAction(input: IncidentInput): Promise<void>;
}
