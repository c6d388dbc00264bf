import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import { WorkflowIdConflictPolicy, type UpdateDefinition } from '@temporalio/common';
import { DomainError } from '../../domain/shared/errors.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { withDeadline } from './deadline.ts';
import { asDomainError, isNotHandled } from './failures.ts';

/** A durable actor: one workflow for each id, which goes on where it was when it is started again. */
export interface Actor {
  readonly workflow: string;
  readonly workflowId: string;
  readonly input: object;
}

/** How often a question is put that met the actor just as it ended: the next one starts it again. */
const QUESTIONS = 3;

/**
 * Asks an actor by update-with-start: it answers whether or not it was awake. Raises what the actor raises, and
 * SERVICE_UNAVAILABLE after `answerWithinMs`; the question stands then.
 * @param options.updateId the same id joins the same question
 */
export async function askActor<Answer, Input>(
  client: Client,
  actor: Actor,
  update: UpdateDefinition<Answer, [Input]>,
  input: Input,
  options: { answerWithinMs: number; updateId?: string },
): Promise<Answer> {
  const put = (): Promise<Answer> =>
    client.workflow.executeUpdateWithStart(update, {
      args: [input],
      ...(options.updateId === undefined ? {} : { updateId: options.updateId }),
      startWorkflowOperation: new WithStartWorkflowOperation(actor.workflow, {
        workflowId: actor.workflowId,
        taskQueue: TASK_QUEUES.orders,
        args: [actor.input],
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      }),
    });

  async function ask(): Promise<Answer> {
    for (let question = 1; ; question += 1) {
      try {
        return await put();
      } catch (error) {
        if (question === QUESTIONS || !isNotHandled(error)) throw error;
      }
    }
  }

  try {
    return await withDeadline(ask(), options.answerWithinMs, () => {
      throw new DomainError('SERVICE_UNAVAILABLE', 'It is being worked on; look at it again later');
    });
  } catch (error) {
    throw asDomainError(error);
  }
}
