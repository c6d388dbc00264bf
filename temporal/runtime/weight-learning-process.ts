import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { WeightLearningProcess } from '../../domain/search/weight-learning-process.ts';
import { LEARN_WEIGHTS_WORKFLOW, LEARN_WEIGHTS_WORKFLOW_ID, type LearnWeightsInput } from '../contracts/search-upkeep.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { asDomainError } from './failures.ts';

/** Learning behind Temporal: one at a time. */
export const createWeightLearningProcess = (client: Client): WeightLearningProcess => ({
  async start(request) {
    try {
      await client.workflow.start(LEARN_WEIGHTS_WORKFLOW, {
        workflowId: LEARN_WEIGHTS_WORKFLOW_ID,
        taskQueue: TASK_QUEUES.search,
        args: [request satisfies LearnWeightsInput],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw asDomainError(error);
    }
  },
  async last() {
    try {
      const handle = client.workflow.getHandle(LEARN_WEIGHTS_WORKFLOW_ID);
      const { status } = await handle.describe();
      if (status.name !== 'COMPLETED') return { running: status.name === 'RUNNING', failed: status.name !== 'RUNNING', weightSetId: null };
      const result: unknown = await handle.result();
      const id = typeof result === 'object' && result !== null && 'weightSetId' in result ? result.weightSetId : null;
      return { running: false, failed: false, weightSetId: typeof id === 'string' ? id : null };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw asDomainError(error);
    }
  },
});
