import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { ReindexProcess, ReindexStanding } from '../../domain/search/reindex-process.ts';
import {
  isReindexFillPosition,
  REINDEX_PROGRESS_MEMO,
  REINDEX_WORKFLOW,
  reindexCanceledSignal,
  reindexPaceSignal,
  reindexWorkflowId,
  type ReindexFillPosition,
  type ReindexInput,
  type ReindexProgress,
} from '../contracts/search.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { asDomainError } from './failures.ts';

const isProgress = (value: unknown): value is ReindexProgress => typeof value === 'object' && value !== null && 'phase' in value && 'written' in value;

/** Rebuilds behind Temporal. */
export function createReindexProcess(client: Client): ReindexProcess {
  const handleOf = (engine: string) => client.workflow.getHandle(reindexWorkflowId(engine));

  async function tell(signal: () => Promise<void>): Promise<boolean> {
    try {
      await signal();
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw asDomainError(error);
    }
  }

  /** Where the filling under way is by its last heartbeat: the workflow hears of it only when a part is done. */
  async function beat({ raw }: WorkflowExecutionDescription): Promise<ReindexFillPosition | undefined> {
    for (const { activityType, heartbeatDetails } of raw.pendingActivities ?? []) {
      if (activityType?.name !== 'fillIndex') continue;
      const [told] = await decodeArrayFromPayloads(client.options.loadedDataConverter, heartbeatDetails?.payloads);
      if (isReindexFillPosition(told)) return told;
    }
    return undefined;
  }

  async function standingOf(description: WorkflowExecutionDescription): Promise<ReindexStanding> {
    const { memo = {}, status, closeTime, raw } = description;
    const told: unknown = memo[REINDEX_PROGRESS_MEMO];
    const known = isProgress(told) ? told : undefined;
    const at = await beat(description);
    const failing = raw.pendingActivities?.map(({ lastFailure }) => lastFailure?.message).find((message) => message != null);
    const ended = status.name !== 'RUNNING' && status.name !== 'COMPLETED';
    return {
      name: typeof memo['name'] === 'string' ? memo['name'] : '',
      phase: ended ? 'failed' : (known?.phase ?? 'filling'),
      total: known?.total ?? 0,
      written: Math.max(known?.written ?? 0, at?.written ?? 0),
      mended: known?.mended ?? 0,
      refused: at?.refused ?? known?.refused ?? 0,
      problem: failing ?? at?.problem ?? known?.problem ?? (ended ? `The rebuild was ended: ${status.name.toLowerCase()}` : null),
      endedAt: closeTime ?? null,
    };
  }

  return {
    async start(request) {
      const input: ReindexInput = request;
      try {
        await client.workflow.start(REINDEX_WORKFLOW, {
          workflowId: reindexWorkflowId(request.engine),
          taskQueue: TASK_QUEUES.search,
          args: [input],
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          memo: { name: request.name },
        });
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw asDomainError(error);
      }
    },
    async standing(engine) {
      try {
        return await standingOf(await handleOf(engine).describe());
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw asDomainError(error);
      }
    },
    cancel: (engine) => tell(() => handleOf(engine).signal(reindexCanceledSignal)),
    pace: (engine, pauseMs) => tell(() => handleOf(engine).signal(reindexPaceSignal, pauseMs)),
  };
}
