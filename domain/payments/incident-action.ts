import type { IncidentKind } from '../orders/incident.ts';

/**
 * - `retry`: look again now, or try again what failed · `adopt`: the payment belongs to an order of ours
 * - `refund`: give the money of a payment that is not ours back · `ignore`: close it as it is
 */
export const INCIDENT_ACTIONS = ['retry', 'adopt', 'refund', 'ignore'] as const;

export type IncidentAction = (typeof INCIDENT_ACTIONS)[number];

/** What an operator wants done about an incident. */
export interface IncidentCommand {
  readonly action: IncidentAction;
  /** For `adopt`: the order that the payment belongs to. */
  readonly orderId?: string;
  readonly reason: string;
  readonly actor: string;
}

const ACTIONS_OF: Readonly<Partial<Record<IncidentKind, readonly IncidentAction[]>>> = {
  unknown_payment: ['retry', 'adopt', 'refund', 'ignore'],
};

/** What can be done about an incident of this kind, unless whoever raises it knows more. */
export const actionsOf = (kind: IncidentKind): readonly IncidentAction[] => ACTIONS_OF[kind] ?? ['retry', 'ignore'];
