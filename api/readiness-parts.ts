import type { Connection } from '@temporalio/client';
import { pendingMigrations } from '../adapters/postgres/pending-migrations.ts';
import type { Sql } from '../adapters/postgres/database.ts';
import { TASK_QUEUES } from '../temporal/contracts/task-queues.ts';
import { NotReadyError, type ReadinessPart } from './readiness.ts';

/** `TASK_QUEUE_TYPE_WORKFLOW` of Temporal's API. */
const WORKFLOW_QUEUE = 1;

/** A worker polls anew at least once a minute; Temporal goes on naming one that died for five. */
const POLLED_WITHIN_MS = 75_000;

const CALL_TIMEOUT_MS = 2_000;

/** What must be there before a checkout can be taken. The gateway is not asked: without one the process does not start. */
export function readinessParts(deps: { sql: Sql; connection: Connection; namespace: string }): ReadinessPart[] {
  const { sql, connection, namespace } = deps;
  let migrated = false;
  return [
    {
      name: 'postgres',
      async check() {
        // Migrations are not taken back under a running process: once complete they are only a sign of life.
        const pending = await pendingMigrations(sql);
        migrated ||= pending.length === 0;
        if (!migrated) throw new NotReadyError(`migrations to apply: ${pending.join(', ')}`);
      },
    },
    {
      name: 'temporal',
      check: () => connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, async () => void (await connection.workflowService.describeNamespace({ namespace }))),
    },
    {
      name: 'worker',
      async check() {
        const { pollers } = await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
          connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: TASK_QUEUES.checkout }, taskQueueType: WORKFLOW_QUEUE }),
        );
        const recently = Date.now() / 1000 - POLLED_WITHIN_MS / 1000;
        const polled = (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) >= recently);
        if (!polled) throw new NotReadyError(`no worker polls the task queue ${TASK_QUEUES.checkout}`);
      },
    },
  ];
}
