import { setTimeout as delay } from 'node:timers/promises';
import { WithStartWorkflowOperation, WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, WorkflowIdConflictPolicy } from '@temporalio/common';
import type { CheckoutProcess } from '../../domain/checkout/checkout.ts';
import type { CheckoutAnswer, CheckoutSubmission } from '../../domain/checkout/submission.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import {
  CHECKOUT_WORKFLOW,
  cancelUpdate,
  checkoutWorkflowId,
  decideReviewUpdate,
  submitUpdate,
  type CheckoutInput,
} from '../contracts/checkout.ts';
import { TASK_QUEUES } from '../contracts/task-queues.ts';
import { asDomainError, grpcCodeOf } from './failures.ts';
import { withDeadline } from './deadline.ts';

/** A worker that died is noticed after this time, and the workflow goes on elsewhere. */
const WORKFLOW_TASK_TIMEOUT = '5s';

const TRIES = 6;

const STILL_PROCESSING: CheckoutAnswer = { kind: 'processing', message: 'The checkout goes on: ask for it again, or watch it' };

/** There is no such workflow, or it has ended. */
const isGone = (error: unknown): boolean =>
  error instanceof WorkflowNotFoundError ||
  grpcCodeOf(error) === 5 /* NOT_FOUND */ ||
  (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && error.cause.type === 'AcceptedUpdateCompletedWorkflow');

/** The call met a workflow that was ending or being run again in this moment: FAILED_PRECONDITION, ABORTED, UNAVAILABLE. */
const wasCutOff = (error: unknown): boolean => [9, 10, 14].includes(grpcCodeOf(error) ?? 0);

/** Calls again what came at a bad moment. Every message of a checkout may be repeated. */
async function persistently<T>(call: () => Promise<T>, again: (error: unknown) => boolean): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!again(error) || tries === TRIES) throw error;
      await delay(20 * 2 ** tries);
    }
  }
}

/** The checkout process behind Temporal. `answerWithinMs`: how long a shopper waits before being told to ask again. */
export function createCheckoutProcess(client: Client, options: { answerWithinMs: number }): CheckoutProcess {
  const { answerWithinMs } = options;
  const underWay = new Map<string, Promise<CheckoutAnswer>>();

  async function startOrJoin(submission: CheckoutSubmission, updateId: string): Promise<CheckoutAnswer> {
    const input: CheckoutInput = { cartId: submission.cartId, submission };
    const start = (): Promise<CheckoutAnswer> =>
      client.workflow.executeUpdateWithStart(submitUpdate, {
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
    try {
      return await withDeadline(
        persistently(start, (error) => isGone(error) || wasCutOff(error)),
        answerWithinMs,
        () => STILL_PROCESSING,
      );
    } catch (error) {
      throw asDomainError(error);
    }
  }

  /** An update of the running checkout; undefined when none is running. */
  async function tell(update: () => Promise<CheckoutAnswer>, late: () => CheckoutAnswer): Promise<CheckoutAnswer | undefined> {
    try {
      return await withDeadline(persistently(update, wasCutOff), answerWithinMs, late);
    } catch (error) {
      if (isGone(error)) return undefined;
      throw asDomainError(error);
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

    cancel: (cartId) => tell(() => client.workflow.getHandle(checkoutWorkflowId(cartId)).executeUpdate(cancelUpdate), () => STILL_PROCESSING),

    decideReview(cartId, decision) {
      const decide = (): Promise<CheckoutAnswer> =>
        client.workflow.getHandle(checkoutWorkflowId(cartId)).executeUpdate(decideReviewUpdate, { args: [decision] });
      return tell(decide, () => {
        throw new DomainError('SERVICE_UNAVAILABLE', 'The decision was handed over; its outcome is not known yet');
      });
    },
  };
}
