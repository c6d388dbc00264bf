import type { Connection } from '@temporalio/client';
import { TASK_QUEUES } from '../temporal/contracts/task-queues.ts';
import { NotReadyError, type ReadinessPart } from './readiness.ts';

/** `TASK_QUEUE_TYPE_WORKFLOW` of Temporal's API. */
const WORKFLOW_QUEUE = 1;

/** A worker polls anew at least once a minute; Temporal goes on naming one that died for five. */
const POLLED_WITHIN_MS = 75_000;

const CALL_TIMEOUT_MS = 2_000;

/** What must be there before a checkout can be taken; the gateway is: without its settings the process does not start. */
export function readinessParts(deps: {
  /** Asks the database for the names of migrations that it has not seen. */
  pendingMigrations: () => Promise<readonly string[]>;
  connection: Connection;
  namespace: string;
}): ReadinessPart[] {
  const { pendingMigrations, connection, namespace } = deps;
  const withinTime = <T>(call: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, call);
  let migrated = false;
  return [
    {
      name: 'postgres',
      async check() {
        // Migrations are not taken back under a running process: once complete they are only a sign of life.
        const pending = await pendingMigrations();
        migrated ||= pending.length === 0;
        if (!migrated) throw new NotReadyError(`migrations to apply: ${pending.join(', ')}`);
      },
    },
    {
      name: 'temporal',
      async check() {
        await withinTime(() => connection.workflowService.describeNamespace({ namespace }));
      },
    },
    {
      name: 'worker',
      async check() {
        const queue = { namespace, taskQueue: { name: TASK_QUEUES.checkout }, taskQueueType: WORKFLOW_QUEUE };
        const { pollers } = await withinTime(() => connection.workflowService.describeTaskQueue(queue));
        const recently = (Date.now() - POLLED_WITHIN_MS) / 1000;
        const polled = (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) >= recently);
        if (!polled) throw new NotReadyError(`no worker polls the task queue ${TASK_QUEUES.checkout}`);
      },
    },
  ];
}
