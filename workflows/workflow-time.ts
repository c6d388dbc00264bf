/**
 * The workflow's own time: that of its last workflow task, the same in every replay, and skipped with it in tests. Only for those
 * whose deadlines are instants that were promised to somebody; others wait for a number of milliseconds.
 */
// eslint-disable-next-line no-restricted-syntax -- the SDK replaces Date inside a workflow by this very clock
export const workflowTime = (): Date => new Date();
