import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Client, Connection, ScheduleOverlapPolicy } from '@temporalio/client';
import { SEARCH_UPKEEP_SCHEDULE, SEARCH_UPKEEP_WORKFLOW } from '../../temporal/contracts/search-upkeep.ts';
import { TASK_QUEUES } from '../../temporal/contracts/task-queues.ts';
import type { TestStore } from '../support/store.ts';

async function withClient<T>({ stack: { temporal } }: TestStore, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: temporal.address });
  try {
    return await work(new Client({ connection, namespace: temporal.namespace }));
  } finally {
    await connection.close();
  }
}

/** Runs the real workflow of the schedule in the store's worker, to its end. */
export const runUpkeep = (store: TestStore): Promise<{ readonly bought: number; readonly viewed: number }> =>
  withClient(store, async (client) => {
    const result: unknown = await client.workflow.execute(SEARCH_UPKEEP_WORKFLOW, { workflowId: `search-upkeep-${randomUUID()}`, taskQueue: TASK_QUEUES.search, args: [] });
    assert.ok(typeof result === 'object' && result !== null && 'bought' in result && 'viewed' in result);
    return { bought: Number(result.bought), viewed: Number(result.viewed) };
  });

/** Has the schedule that the worker has made act now, whatever time it is, and after a run that is under way. */
export const triggerUpkeep = (store: TestStore): Promise<void> => withClient(store, (client) => client.schedule.getHandle(SEARCH_UPKEEP_SCHEDULE).trigger(ScheduleOverlapPolicy.BUFFER_ONE));
