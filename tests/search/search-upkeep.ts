import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { SEARCH_UPKEEP_WORKFLOW } from '../../temporal/contracts/search-upkeep.ts';
import { TASK_QUEUES } from '../../temporal/contracts/task-queues.ts';
import type { TestStore } from '../support/store.ts';

/** Runs the real workflow of the schedule in the store's worker, to its end. */
export async function runUpkeep(store: TestStore): Promise<{ readonly bought: number; readonly viewed: number }> {
  const connection = await Connection.connect({ address: store.stack.temporal.address });
  try {
    const client = new Client({ connection, namespace: store.stack.temporal.namespace });
    const result: unknown = await client.workflow.execute(SEARCH_UPKEEP_WORKFLOW, { workflowId: `search-upkeep-${randomUUID()}`, taskQueue: TASK_QUEUES.search, args: [] });
    assert.ok(typeof result === 'object' && result !== null && 'bought' in result && 'viewed' in result);
    return { bought: Number(result.bought), viewed: Number(result.viewed) };
  } finally {
    await connection.close();
  }
}
