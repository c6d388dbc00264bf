import { defineSignal } from '@temporalio/workflow';

/** Wire name of the workflow that reconciles every gateway, and the id of its schedule. */
export const RECONCILE_WORKFLOW = 'reconcilePayments';
export const RECONCILE_SCHEDULE = 'reconcile-payments';

/** Wire name of the walk through one gateway's ledger. */
export const RECONCILE_GATEWAY_WORKFLOW = 'reconcileGateway';

/** One walk through a gateway's ledger at a time. */
export const reconcileGatewayWorkflowId = (gateway: string): string => `reconcile/${gateway}`;

export interface ReconcileGatewayInput {
  readonly gateway: string;
  readonly actor: string;
  /** The run that the workflow was at when it continued as new. */
  readonly runId?: string;
}

/** A run was begun while the one before was ending: whoever walks takes it up behind it. */
export const reconciliationBegunSignal = defineSignal<[runId: string]>('begun');

/** Short idempotent database steps: local activities. */
export interface ReconciliationSteps {
  listGateways(): Promise<readonly string[]>;
  /** Begins a run, or takes up the one that an operator began or that was cut off; tells its id. */
  beginReconciliation(input: { gateway: string; actor: string }): Promise<string>;
  failReconciliation(input: { runId: string; error: string }): Promise<void>;
}

/** Reads of the gateway's ledger, page by page; where it stands is kept with each page. */
export interface ReconciliationActivities {
  /** Does up to so many pages; true when the run has ended. */
  reconcilePages(input: { runId: string; pages: number }): Promise<boolean>;
}
