import type { IncidentCommand } from './incident-action.ts';

/** The durable actor of one payment incident. Filled by `temporal/runtime/incident-process.ts`. */
export interface IncidentProcess {
  /** Does it once, however often it is asked for at a time. Raises NOT_FOUND, INVALID_INPUT, INVALID_TRANSITION, GATEWAY_REJECTED. */
  act(incidentId: string, command: IncidentCommand): Promise<void>;
}
