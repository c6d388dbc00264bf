import { isGrpcServiceError, WithStartWorkflowOperation, WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, WorkflowIdConflictPolicy } from '@temporalio/common';
import type { CheckoutProcess } from '../../domain/checkout/checkout.ts';
import type { CheckoutAnswer, CheckoutSubmission } from '../../domain/checkout/submission.ts';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import {
  CHECKOUT_WORKFLOW,
  cancelUpdate,
  checkoutWorkflowId,
  decideReviewUpdate,
  submitUpdate,
  type CheckoutInput,
} from '../contracts/checkout.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { asDomainError } from './failures.ts';
import { withDeadline } from './deadline.ts';

/** A worker that died is noticed after this time, and the workflow goes on elsewhere. */
const WORKFLOW_TASK_TIMEOUT = '5s';

/** gRPC codes with which a call to a workflow that ends in this moment fails: it can be made again. */
const LOST_TO_THE_END = new Set([5 /* NOT_FOUND */, 9 /* FAILED_PRECONDITION */, 10 /* ABORTED */, 14 /* UNAVAILABLE */]);

const TRIES = 5;

const STILL_PROCESSING: CheckoutAnswer = { kind: 'processing', message: 'The checkout goes on: ask for it again, or watch it' };

/** The update reached a run that ended before it was answered. */
const wasCutOff = (error: unknown): boolean =>
  error instanceof WorkflowNotFoundError ||
  (isGrpcServiceError(error) && LOST_TO_THE_END.has(error.code)) ||
  (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && error.cause.type === 'AcceptedUpdateCompletedWorkflow');

/** The checkout process behind Temporal. `answerWithinMs`: how long a shopper waits before being told to ask again. */
export function createCheckoutProcess(client: Client, options: { answerWithinMs: number }): CheckoutProcess {
  const { answerWithinMs } = options;
  const underWay = new Map<string, Promise<CheckoutAnswer>>();

  async function startOrJoin(submission: CheckoutSubmission, updateId: string): Promise<CheckoutAnswer> {
    const input: CheckoutInput = { cartId: submission.cartId, submission };
    for (let tries = 1; ; tries += 1) {
      try {
        const answer = client.workflow.executeUpdateWithStart(submitUpdate, {
          args: [submission],
          updateId,
          startWorkflowOperation: new WithStartWorkflowOperation(CHECKOUT_WORKFLOW, {
            workflowId: checkoutWorkflowId(submission.cartId),
            taskQueue: TASK_QUEUES.checkout,
            args: [input],
            // One checkout of a cart at a time, joined by whoever submits meanwhile; an ended one may be followed by another.
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
            workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
          }),
        });
        return await withDeadline(answer, answerWithinMs, () => STILL_PROCESSING);
      } catch (error) {
        if (!wasCutOff(error) || tries === TRIES) throw asDomainError(error);
      }
    }
  }

  return {
    async submit(submission, updateId) {
      // Impatient clicks of one shopper become one update: Temporal takes ten at a time for a workflow.
      const { cartId, cartVersion, expectedTotal, paymentMethod } = submission;
      const wish = JSON.stringify([cartId, cartVersion, expectedTotal, paymentMethod]);
      const earlier = underWay.get(wish);
      if (earlier) return earlier;
      const answer = startOrJoin(submission, updateId).finally(() => underWay.delete(wish));
      underWay.set(wish, answer);
      return answer;
    },

    async cancel(cartId) {
      try {
        const answer = client.workflow.getHandle(checkoutWorkflowId(cartId)).executeUpdate(cancelUpdate);
        return await withDeadline(answer, answerWithinMs, () => STILL_PROCESSING);
      } catch (error) {
        if (wasCutOff(error)) return undefined;
        throw asDomainError(error);
      }
    },

    async decideReview(cartId, decision) {
      try {
        const answer = client.workflow
          .getHandle(checkoutWorkflowId(cartId))
          .executeUpdate(decideReviewUpdate, { args: [decision], updateId: `decide/${decision.checkoutId}/${decision.decision}` });
        return await withDeadline(answer, answerWithinMs, () => {
          throw new DomainError('SERVICE_UNAVAILABLE', 'The decision was handed over; its outcome is not known yet');
        });
      } catch (error) {
        if (wasCutOff(error)) throw notFound('A checkout that waits for a review', 'checkoutId');
        throw asDomainError(error);
      }
    },
  };
}
