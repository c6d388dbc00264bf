import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { SearchAttributeType } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts';
import { SWEEP_SCHEDULE, SWEEP_WORKFLOW } from '../contracts/sweep.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';

const INDEXED = {
  [SearchAttributeType.KEYWORD]: temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
} as const;

/** Makes the namespace know our search attributes. Repeatable. */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const { operatorService } = client.connection as typeof client.connection & { operatorService: OperatorService };
  const { namespace } = client.options;
  const known = await operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter((key) => !(key.name in (known.customAttributes ?? {})));
  if (missing.length === 0) return;
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map((key) => [key.name, INDEXED[key.type as keyof typeof INDEXED]])),
  });
}

interface OperatorService {
  listSearchAttributes(request: { namespace: string }): Promise<{ customAttributes?: Record<string, unknown> | null }>;
  addSearchAttributes(request: { namespace: string; searchAttributes: Record<string, number> }): Promise<unknown>;
}

/** Creates the schedules. Repeatable: one that exists is left as operators have set it. */
export async function createSchedules(client: Client): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: SWEEP_SCHEDULE,
      spec: { intervals: [{ every: '1m' }] },
      // A sweep looks at everything that is due: one at a time is enough, and missed ones need not be made up for.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
      action: { type: 'startWorkflow', workflowType: SWEEP_WORKFLOW, workflowId: SWEEP_SCHEDULE, taskQueue: TASK_QUEUES.orders, args: [] },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
