import type { IncidentKind } from '../orders/incident.ts';

/**
 * - `retry`: look again now, or try again what failed · `adopt`: the payment belongs to an order of ours
 * - `refund`: give the money of a payment that is not ours back · `ignore`, `skip`: close it as it is and go on, for
 *   the reason given · `compensate`: undo what could not be finished, so that the customer is whole
 */
export const INCIDENT_ACTIONS = ['retry', 'adopt', 'refund', 'ignore', 'skip', 'compensate'] as const;

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
  capture_failed: ['retry', 'ignore', 'compensate'],
  refund_failed: ['retry', 'ignore', 'compensate'],
  money_not_returned: ['retry', 'ignore', 'compensate'],
  authorization_expiring: ['retry', 'ignore', 'compensate'],
  authorization_lost: ['retry', 'ignore', 'compensate'],
  fulfillment_stuck: ['retry', 'skip', 'compensate'],
  fulfillment_refused: ['skip', 'compensate'],
  balance_unpaid: ['ignore'],
  return_undecided: ['ignore'],
  return_uninspected: ['ignore'],
  return_label_missing: ['ignore'],
  return_overdue: ['ignore'],
  notification_failed: ['retry', 'ignore'],
};

/** What can be done about an incident of this kind, unless whoever raises it knows more. */
export const actionsOf = (kind: IncidentKind): readonly IncidentAction[] => ACTIONS_OF[kind] ?? ['retry', 'ignore'];
