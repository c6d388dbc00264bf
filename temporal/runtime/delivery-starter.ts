import type { Client } from '@temporalio/client';
import type { DeliveryStarter } from '../../domain/webhooks/delivery-starter.ts';
import { DELIVERY_WORKFLOW, deliveryWokenSignal, deliveryWorkflowId } from '../contracts/deliveries.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';

/** Starts and wakes the actors of lanes by signal-with-start. */
export const createDeliveryStarter = (client: Client): DeliveryStarter => ({
  async start(lane) {
    await client.workflow.signalWithStart(DELIVERY_WORKFLOW, {
      workflowId: deliveryWorkflowId(lane),
      taskQueue: TASK_QUEUES.webhooks,
      args: [lane],
      signal: deliveryWokenSignal,
      signalArgs: [],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  },
});
