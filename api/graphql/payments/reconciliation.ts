import type { Incident } from '../../../domain/orders/incident.ts';
import type { ReconciliationRun } from '../../../domain/payments/reconciliation.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { PaymentIncident, ReconciliationRun as GraphqlRun, Resolvers } from '../generated/admin.ts';
import { incidentCommand } from '../orders/incident-command.ts';
import { MAX_ACTOR_LENGTH, textInput } from '../text-input.ts';

const toPaymentIncident = ({ amount, currency, actions, action, ...incident }: Incident): PaymentIncident => ({
  ...incident,
  amount: amount === null || currency === null ? null : { amount, currency },
  actions: actions.map(toEnum),
  action: action && toEnum(action),
});

const toRun = ({ status, cursor: _, overlapMinutes: __, ...run }: ReconciliationRun): GraphqlRun => ({
  ...run,
  status: toEnum(status),
});

/** What operators see of the reconciliation and its incidents, and do with them. */
export const reconciliationResolvers: Resolvers = {
  Query: {
    async paymentIncidents(_, { open, kind, ...page }, { reconciliation }) {
      const filter = { ...(open == null ? {} : { open }), ...(kind == null ? {} : { kind: fromEnum(kind) }) };
      return toConnection(await reconciliation.incidents(toPageRequest(page), filter), toPaymentIncident);
    },
    async reconciliationRuns(_, { gateway, ...page }, { reconciliation }) {
      return toConnection(await reconciliation.runs(toPageRequest(page), gateway == null ? {} : { gateway }), toRun);
    },
  },
  Mutation: {
    async paymentIncidentAct(_, { input }, { reconciliation }) {
      try {
        const incident = await reconciliation.act(input.id, incidentCommand(input));
        return { __typename: 'PaymentIncidentPayload', incident: toPaymentIncident(incident) };
      } catch (error) {
        return toInputError(error);
      }
    },
    async reconciliationRun(_, { input }, { reconciliation }) {
      try {
        const run = await reconciliation.run({
          gateway: input.gateway,
          ...(input.since == null ? {} : { since: input.since }),
          actor: textInput(input.actor, 'actor', MAX_ACTOR_LENGTH),
        });
        return { __typename: 'ReconciliationRunPayload', run: toRun(run) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
};
