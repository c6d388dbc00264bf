import type { Gateways } from '../../domain/payments/gateways.ts';
import type { IncidentProcess } from '../../domain/payments/incident-process.ts';
import type { ReconciliationProcess } from '../../domain/payments/reconciliation-process.ts';
import type { ReconciliationService } from '../../domain/payments/reconciliation-service.ts';
import { DomainError, invalid, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Work } from '../stores.ts';
import { spanOf, type ReconciliationSpan } from './reconcile-gateway.ts';

/** Builds what the API offers of the reconciliation. */
export function createReconciliationService(
  deps: {
    work: Work;
    gateways: Gateways;
    reconciliation: ReconciliationProcess;
    incidents: IncidentProcess;
    newId: IdGenerator;
    now: () => Date;
  } & ReconciliationSpan,
): ReconciliationService {
  const { work, gateways, newId, now } = deps;
  return {
    runs: (page, filter) => work.stores.reconciliation.list(page, filter),

    async run({ gateway, since, actor }) {
      gateways.get(gateway);
      if (since && since.getTime() > now().getTime()) throw invalid('since', 'Must not be in the future');
      const id = newId('reconciliationRun');
      // Written here, so that it has an id to look at; the workflow takes it up, and so would the schedule's next one.
      const run = await work.transaction(async (stores) => {
        const begun = await stores.reconciliation.begin({
          id,
          gateway,
          actor,
          ...spanOf(now(), deps),
          ...(since ? { since } : {}),
        });
        if (begun.id === id)
          await stores.audit.append({ actor, action: 'reconciliation.run', subjectId: id, detail: { gateway } });
        return begun;
      });
      if (run.id === id) await deps.reconciliation.startBegun({ gateway, actor, runId: id });
      else if (!(await deps.reconciliation.start({ gateway, actor })))
        throw new DomainError('INVALID_TRANSITION', `A reconciliation of ${gateway} is under way: ${run.id}`, 'gateway');
      return run;
    },

    incidents: (page, filter) => work.stores.incidents.list(page, filter),

    async act(incidentId, command) {
      // Asked before the actor is woken: an unknown id must not start one.
      if (!(await work.stores.incidents.get(incidentId))) throw notFound('The incident', 'id');
      await deps.incidents.act(incidentId, command);
      const incident = await work.stores.incidents.get(incidentId);
      if (!incident) throw notFound('The incident', 'id');
      return incident;
    },
  };
}
