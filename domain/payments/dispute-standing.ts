import type { DisputeStatus } from './dispute.ts';

/** How a dispute stands: what its workflow decides by. */
export interface DisputeStanding {
  readonly id: string;
  readonly status: DisputeStatus;
  /** An operator has answered and the gateway does not know yet: milliseconds until nobody will come any more to send it. */
  readonly sendInMs?: number;
  /** Milliseconds until the evidence is due; absent when none is asked for. */
  readonly dueInMs?: number;
}
