import type { RetryPolicy } from '@temporalio/common';
import { continueAsNew, executeChild, log, proxyActivities, proxyLocalActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';
import {
  RECONCILE_GATEWAY_WORKFLOW,
  reconcileGatewayWorkflowId,
  reconciliationBegunSignal,
  type ReconcileGatewayInput,
  type ReconciliationActivities,
  type ReconciliationSteps,
} from '../../temporal/contracts/reconciliation.ts';
import { causeOf } from './give-money-back.ts';

const retry: RetryPolicy = { initialInterval: '1s', maximumInterval: '1m', nonRetryableErrorTypes: [...PERMANENT_FAILURES] };

const steps = proxyLocalActivities<ReconciliationSteps>({ startToCloseTimeout: '10s', localRetryThreshold: '1m', retry });

const { reconcilePages } = proxyActivities<ReconciliationActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '10s',
  // A gateway that is down for longer is looked at by the next run, over the same span.
  scheduleToCloseTimeout: '30m',
  retry,
});

/** Pages of one activity: long enough to keep histories small, short enough to be seen moving. */
const PAGES = 50;

/** A hundred thousand movements take some forty activities: one history holds that many times over. */
const ACTIVITIES = 500;

/** Compares every gateway's ledger with our books. Run by the schedule `reconcile-payments`. One gateway's fault is its own. */
export async function reconcilePayments(): Promise<void> {
  const gateways = await steps.listGateways();
  await Promise.all(
    gateways.map(async (gateway) => {
      const input: ReconcileGatewayInput = { gateway, actor: 'schedule' };
      try {
        await executeChild(RECONCILE_GATEWAY_WORKFLOW, { workflowId: reconcileGatewayWorkflowId(gateway), args: [input] });
      } catch (error) {
        // Running already, since an operator started it: that is as good. Any other failure is written down with its run.
        log.warn('A gateway was not reconciled', { gateway, cause: causeOf(error) });
      }
    }),
  );
}

/** Walks through one gateway's ledger and heals what differs. Cut off, the next run goes on where this one stood. */
export async function reconcileGateway(input: ReconcileGatewayInput): Promise<{ runId: string }> {
  const { gateway, actor } = input;
  const begun = new Set<string>();
  setHandler(reconciliationBegunSignal, (id) => void begun.add(id));
  const runId = input.runId ?? (await steps.beginReconciliation({ gateway, actor }));
  const goOn = continueAsNew<typeof reconcileGateway>;
  const anotherBegun = (): boolean => [...begun].some((id) => id !== runId);
  let ended = false;
  try {
    for (let activities = 0; activities < ACTIVITIES && !ended && !workflowInfo().continueAsNewSuggested; activities += 1)
      ended = await reconcilePages({ runId, pages: PAGES });
  } catch (error) {
    await steps.failReconciliation({ runId, error: causeOf(error) });
    if (!anotherBegun()) throw error;
    return goOn({ gateway, actor });
  }
  if (!ended) return goOn({ gateway, actor, runId });
  return anotherBegun() ? goOn({ gateway, actor }) : { runId };
}
