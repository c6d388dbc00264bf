import type { Client } from '@temporalio/client';
import type { CollectionProcess, CollectionStarter } from '../../domain/orders/collections/collection-process.ts';
import { COLLECTION_WORKFLOW, collectionNotifiedSignal, collectionWorkflowId, payBalanceUpdate, type CollectionInput } from '../contracts/collections.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { askActor, type Actor } from './ask-actor.ts';

const actorOf = (collectionId: string): Actor => ({
  workflow: COLLECTION_WORKFLOW,
  workflowId: collectionWorkflowId(collectionId),
  input: { collectionId } satisfies CollectionInput,
});

/** The balances' actors behind Temporal. `answerWithinMs`: how long a customer waits before being told to look again. */
export const createCollectionProcess = (client: Client, options: { answerWithinMs: number }): CollectionProcess => ({
  pay: (collectionId, wish) => askActor(client, actorOf(collectionId), payBalanceUpdate, wish, { ...options, updateId: wish.requestId }),
});

/** Wakes a balance's actor by signal-with-start, so that no message depends on its being there. */
export const createCollectionStarter = (client: Client): CollectionStarter => ({
  async notifyCollection({ collectionId, ...notice }) {
    const { workflow, workflowId, input } = actorOf(collectionId);
    await client.workflow.signalWithStart(workflow, {
      workflowId,
      taskQueue: TASK_QUEUES.orders,
      args: [input],
      signal: collectionNotifiedSignal,
      signalArgs: [notice],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  },
});
