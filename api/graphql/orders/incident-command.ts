import type { IncidentCommand } from '../../../domain/payments/incident-action.ts';
import { fromEnum } from '../enum-names.ts';
import type { IncidentActInput } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, textInput } from '../text-input.ts';

const MAX_ID_LENGTH = 100;

/** What an operator wants done about an incident. Raises INVALID_INPUT naming the field. */
export const incidentCommand = ({ action, orderId, reason, actor }: IncidentActInput): IncidentCommand => ({
  action: fromEnum(action),
  ...(orderId == null ? {} : { orderId: textInput(orderId, 'orderId', MAX_ID_LENGTH) }),
  reason: textInput(reason, 'reason', MAX_NOTE_LENGTH),
  actor: textInput(actor, 'actor', MAX_ACTOR_LENGTH),
});
