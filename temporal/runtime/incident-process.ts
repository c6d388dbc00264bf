import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy } from '@temporalio/common';
import type { IncidentProcess } from '../../domain/payments/incident-process.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { actOnIncidentUpdate, INCIDENT_WORKFLOW, incidentWorkflowId, type IncidentInput } from '../contracts/incidents.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { withDeadline } from './deadline.ts';
import { asDomainError } from './failures.ts';

/** The incidents' actors behind Temporal. `answerWithinMs`: how long an operator waits before being told to look again. */
export function createIncidentProcess(client: Client, options: { answerWithinMs: number }): IncidentProcess {
  return {
    async act(incidentId, command) {
      const input: IncidentInput = { incidentId, command };
      try {
        const done = client.workflow.executeUpdateWithStart(actOnIncidentUpdate, {
          args: [command],
          startWorkflowOperation: new WithStartWorkflowOperation(INCIDENT_WORKFLOW, {
            workflowId: incidentWorkflowId(incidentId),
            taskQueue: TASK_QUEUES.orders,
            args: [input],
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          }),
        });
        await withDeadline(done, options.answerWithinMs, () => {
          throw new DomainError('SERVICE_UNAVAILABLE', 'It is being done; look at the incident again later');
        });
      } catch (error) {
        throw asDomainError(error);
      }
    },
  };
}
