/** Starts runs of the reconciliation by hand. Filled by `temporal/runtime/reconciliation-process.ts`. */
export interface ReconciliationProcess {
  /** Takes up the run that was begun for the gateway; false when that is being done already. */
  start(request: { gateway: string; actor: string }): Promise<boolean>;
}
