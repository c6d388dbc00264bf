import type { Client } from '@temporalio/client';
import type { FulfillmentProcess } from '../../domain/orders/fulfillment-process.ts';
import { cancelFulfillmentUpdate, FULFILLMENT_WORKFLOW, fulfillmentNotifiedSignal, fulfillmentWorkflowId } from '../contracts/fulfillments.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { askActor, type Actor } from './ask-actor.ts';

const actorOf = (fulfillmentId: string): Actor => ({
  workflow: FULFILLMENT_WORKFLOW,
  workflowId: fulfillmentWorkflowId(fulfillmentId),
  input: { fulfillmentId },
});

/** The parcels' actors behind Temporal. `answerWithinMs`: how long an operator waits before being told to look again. */
export const createFulfillmentProcess = (client: Client, options: { answerWithinMs: number }): FulfillmentProcess => ({
  async cancel(fulfillmentId, request) {
    await askActor(client, actorOf(fulfillmentId), cancelFulfillmentUpdate, request, { ...options, updateId: request.commandId });
  },
  async notify(fulfillmentId) {
    const { workflow, workflowId, input } = actorOf(fulfillmentId);
    await client.workflow.signalWithStart(workflow, {
      workflowId,
      taskQueue: TASK_QUEUES.orders,
      args: [input],
      signal: fulfillmentNotifiedSignal,
      signalArgs: [],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  },
});
