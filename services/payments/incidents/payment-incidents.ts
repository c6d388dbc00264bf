import type { Incident } from '../../../domain/orders/incident.ts';
import type { IncidentCommand } from '../../../domain/payments/incident-action.ts';
import { DomainError, notFound } from '../../../domain/shared/errors.ts';
import type { Stores, Work } from '../../stores.ts';
import type { CompensateIncident } from '../../orders/incidents/compensate-incident.ts';
import type { AdoptPayment } from './adopt-payment.ts';
import type { RetryIncident } from './retry-incident.ts';
import type { ReturnUnknownPayment } from './return-unknown-payment.ts';

/** What operators have done about incidents, step by step; each safe to repeat. */
export interface PaymentIncidents {
  /**
   * Takes the incident for this action and writes who asked; false when the action has been done already. Raises NOT_FOUND,
   * and INVALID_TRANSITION when it is closed, cannot be dealt with like this, or is being dealt with otherwise.
   */
  begin(incidentId: string, command: IncidentCommand): Promise<boolean>;
  /** Does what was begun, and closes the incident if that settled it. Raises GatewayError when there is no answer, GATEWAY_REJECTED. */
  carryOut(incidentId: string, command: IncidentCommand): Promise<void>;
  /** Lets go of it: it stays open, for this or another action. */
  release(incidentId: string, error: string): Promise<void>;
}

/** Builds the actions on incidents. */
export function createPaymentIncidents(deps: {
  work: Work;
  retry: RetryIncident;
  adopt: AdoptPayment;
  giveBack: ReturnUnknownPayment;
  compensate: CompensateIncident;
}): PaymentIncidents {
  const { work, retry, adopt, giveBack, compensate } = deps;

  async function lock(stores: Stores, incidentId: string): Promise<Incident> {
    const incident = await stores.incidents.lock(incidentId);
    if (!incident) throw notFound('The incident', 'id');
    return incident;
  }

  const perform = async (
    incident: Incident,
    { action, orderId, reason, actor }: IncidentCommand,
  ): Promise<Awaited<ReturnType<RetryIncident>>> => {
    switch (action) {
      case 'retry':
        return retry(incident, actor);
      case 'adopt':
        return { resolved: await adopt(incident, orderId) };
      case 'refund':
        return { resolved: await giveBack(incident) };
      case 'ignore':
        return { resolved: `Ignored: ${reason}` };
      case 'skip':
        return { resolved: `Skipped: ${reason}` };
      case 'compensate':
        return { resolved: await compensate(incident, { reason, actor }) };
    }
  };

  return {
    begin: (incidentId, { action, orderId, reason, actor }) =>
      work.transaction(async (stores) => {
        const incident = await lock(stores, incidentId);
        const same = incident.action === action && (orderId === undefined || incident.orderId === orderId);
        if (incident.resolvedAt !== null) {
          if (same) return false;
          throw new DomainError('INVALID_TRANSITION', 'The incident is closed', 'id');
        }
        if (same) return true;
        if (incident.action !== null)
          throw new DomainError('INVALID_TRANSITION', `Another action is under way: ${incident.action}`, 'action');
        if (!incident.actions.includes(action)) {
          throw new DomainError(
            'INVALID_TRANSITION',
            `Not to be dealt with like this; there are ${incident.actions.join(', ')}`,
            'action',
          );
        }
        await stores.incidents.claim(incidentId, action, orderId);
        await stores.audit.append({
          actor,
          action: `incident.${action}`,
          subjectId: incidentId,
          detail: { reason, ...(orderId === undefined ? {} : { orderId }) },
        });
        return true;
      }),

    async carryOut(incidentId, command) {
      const incident = await work.stores.incidents.get(incidentId);
      if (!incident) throw notFound('The incident', 'id');
      if (incident.resolvedAt !== null || incident.action !== command.action) return;
      const outcome = await perform(incident, command);
      if ('resolved' in outcome) await work.stores.incidents.resolve(incidentId, outcome.resolved);
      else await work.stores.incidents.release(incidentId, outcome.open);
    },

    release: (incidentId, error) => work.stores.incidents.release(incidentId, error),
  };
}
