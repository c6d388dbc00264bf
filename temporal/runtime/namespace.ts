import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client, type Connection } from '@temporalio/client';
import { SearchAttributeType } from '@temporalio/common';
import { ROLL_UP_SCHEDULE, ROLL_UP_WORKFLOW } from '../contracts/analytics.ts';
import { RECONCILE_SCHEDULE, RECONCILE_WORKFLOW } from '../contracts/reconciliation.ts';
import { SEARCH_UPKEEP_SCHEDULE, SEARCH_UPKEEP_WORKFLOW } from '../contracts/search-upkeep.ts';
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts';
import { SWEEP_SCHEDULE, SWEEP_WORKFLOW } from '../contracts/sweep.ts';
import { TASK_QUEUES, type TaskQueue } from '../contracts/task-queues.ts';

/** Numbers of Temporal's API for the types of search attributes that we use: `temporal.api.enums.v1.IndexedValueType`. */
const INDEXED_VALUE_TYPES = { [SearchAttributeType.KEYWORD]: 2 } as const;

/** Makes the namespace know our search attributes. Repeatable. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const known = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter((key) => !(key.name in known.customAttributes));
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((key) => [key.name, INDEXED_VALUE_TYPES[key.type]])),
  });
}

/** Creates the schedules. Repeatable: one that exists is left as operators have set it. */
export async function createSchedules(client: Client, options: { reconcileEverySeconds: number; rollUpEverySeconds: number; searchUpkeepEverySeconds: number }): Promise<void> {
  // Each looks at everything that is due: one at a time is enough, and missed ones need not be made up for.
  await createSchedule(client, SWEEP_SCHEDULE, SWEEP_WORKFLOW, 60);
  await createSchedule(client, RECONCILE_SCHEDULE, RECONCILE_WORKFLOW, options.reconcileEverySeconds);
  await createSchedule(client, ROLL_UP_SCHEDULE, ROLL_UP_WORKFLOW, options.rollUpEverySeconds);
  await createSchedule(client, SEARCH_UPKEEP_SCHEDULE, SEARCH_UPKEEP_WORKFLOW, options.searchUpkeepEverySeconds, TASK_QUEUES.search);
}

async function createSchedule(client: Client, scheduleId: string, workflowType: string, everySeconds: number, taskQueue: TaskQueue = TASK_QUEUES.orders): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId,
      spec: { intervals: [{ every: everySeconds * 1000 }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
      action: { type: 'startWorkflow', workflowType, workflowId: scheduleId, taskQueue, args: [] },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
