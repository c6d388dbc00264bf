/** Starts runs of the reconciliation by hand. Filled by `temporal/runtime/reconciliation-process.ts`. */
export interface ReconciliationProcess {
  /** Takes up the run that was begun for the gateway; false when one is being done already. */
  start(request: { gateway: string; actor: string }): Promise<boolean>;
  /** The same for a run that was begun just now: if the one before is only just ending, it is taken up behind it. */
  startBegun(request: { gateway: string; actor: string; runId: string }): Promise<void>;
}
