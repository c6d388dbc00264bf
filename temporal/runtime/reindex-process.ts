import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { ReindexProcess } from '../../domain/search/reindex-process.ts';
import { REINDEX_WORKFLOW, reindexCanceledSignal, reindexPaceSignal, reindexProgressQuery, reindexWorkflowId, type ReindexInput } from '../contracts/search.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { asDomainError } from './failures.ts';

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
        const handle = handleOf(engine);
        const { memo, status } = await handle.describe();
        const { phase, total, written, mended } = await handle.query(reindexProgressQuery);
        const ended = status.name !== 'RUNNING' && status.name !== 'COMPLETED';
        const name: unknown = memo?.['name'];
        return { name: typeof name === 'string' ? name : '', phase: ended ? 'failed' : phase, total, written, mended };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw asDomainError(error);
      }
    },
    cancel: (engine) => tell(() => handleOf(engine).signal(reindexCanceledSignal)),
    pace: (engine, pauseMs) => tell(() => handleOf(engine).signal(reindexPaceSignal, pauseMs)),
  };
}
