import type { RetryPolicy } from '@temporalio/common';
import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  log,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import type { CheckoutAnswer, CheckoutSubmission } from '../../domain/checkout/submission.ts';
import type { ReviewDecision } from '../../domain/checkout/checkout.ts';
import {
  cancelUpdate,
  checkoutStateQuery,
  decideReviewUpdate,
  paymentNotifiedSignal,
  submitUpdate,
  type CheckoutInput,
  type CheckoutPaymentActivities,
  type CheckoutSteps,
} from '../../temporal/contracts/checkout.ts';
import { PERMANENT_FAILURES } from '../../temporal/contracts/failures.ts';
import { CheckoutStatusAttribute } from '../../temporal/contracts/search-attributes.ts';
import { oneByOne } from '../one-by-one.ts';
import { giveMoneyBack } from '../payments/give-money-back.ts';

const retry: RetryPolicy = { initialInterval: '100ms', maximumInterval: '10s', nonRetryableErrorTypes: [...PERMANENT_FAILURES] };

// Database steps run in the worker that has the workflow task: no round trip through the server on the customer's path.
const localSteps = proxyLocalActivities<CheckoutSteps>({ startToCloseTimeout: '10s', localRetryThreshold: '1m', retry });

// The first try of a gateway call is local too, and short; what it leaves open is carried on by the durable twin below.
const localCalls = proxyLocalActivities<CheckoutPaymentActivities>({ startToCloseTimeout: '4s', retry: { maximumAttempts: 1 } });

/** Long enough to outlive a gateway's bad minutes, short of the time for which stock is held by default. */
const durably = proxyActivities<CheckoutPaymentActivities>({
  startToCloseTimeout: '20s',
  heartbeatTimeout: '5s',
  scheduleToCloseTimeout: '8m',
  retry: { ...retry, initialInterval: '500ms' },
});

type Done = CheckoutStanding & { readonly step: 'done' };

const ASK_AGAIN_MS = 2_000;

/** What the messages of a checkout ask its main course to do while it waits. */
interface Mail {
  /** The payment may have changed: read it back. */
  payment: boolean;
  cancel: boolean;
  decision: ReviewDecision | undefined;
  /** Another payment method was submitted: end this try and begin with that one. */
  replacement: CheckoutSubmission | undefined;
}

/** The gateway's "no" to the request itself; undefined when the failure leaves open what happened. */
const refusalOf = (error: unknown): string | undefined =>
  error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.type === 'GATEWAY_REJECTED'
    ? error.cause.message
    : undefined;

const sameWish = (a: CheckoutSubmission, b: CheckoutSubmission): boolean =>
  a.checkoutId === b.checkoutId || (a.paymentMethod === b.paymentMethod && a.gateway === b.gateway);

/**
 * Carries one cart from submission to an order, or to an end with nothing held and nothing charged. It is the only writer
 * of the checkout: the shopper, the gateway's webhooks, operators and timers all come in as messages.
 */
export async function checkout(input: CheckoutInput): Promise<CheckoutAnswer> {
  const inTurn = oneByOne();
  const steps = inTurn(localSteps);
  const quickly = inTurn(localCalls);
  let standing: CheckoutStanding | undefined;
  let submission: CheckoutSubmission | undefined = 'submission' in input ? input.submission : undefined;
  /** Undefined while the present try is being worked on. */
  let answer: CheckoutAnswer | undefined;
  /** The gateway has not said yet what became of the payment that we were called for. */
  let unanswered = false;
  /** Ended checkouts of this cart that the gateway told something of. */
  const notices = new Set<string>();
  const mail: Mail = { payment: false, cancel: false, decision: undefined, replacement: undefined };
  /** Came while an earlier try was being ended on behalf of an event: gets a try of its own unless that one became an order. */
  let joiner: CheckoutSubmission | undefined;
  /** Ended checkouts whose money is on its way back. */
  let returning = 0;

  const waits = (): boolean => answer !== undefined && (standing?.step === 'await_action' || standing?.step === 'await_review');
  const nextAnswer = async (): Promise<CheckoutAnswer> => {
    await condition(() => answer !== undefined && !mail.payment && !mail.cancel && !mail.decision && !mail.replacement && !joiner);
    if (answer === undefined) throw new Error('A checkout went on without an answer');
    return answer;
  };

  setHandler(checkoutStateQuery, () => ({
    step: standing?.step ?? 'begin',
    ...(standing && 'checkoutId' in standing ? { checkoutId: standing.checkoutId } : {}),
    ...(answer ? { answer } : {}),
  }));

  setHandler(submitUpdate, async (wish) => {
    const same = submission === undefined || sameWish(submission, wish);
    if (submission === undefined && answer === undefined) joiner ??= wish;
    const told = standing?.step === 'done' && standing.answer.kind !== 'placed';
    // Whoever was told no and submits again wants another try, with the same card too.
    if (told && submission?.checkoutId !== wish.checkoutId) mail.replacement = wish;
    else if (waits() && standing?.step === 'await_action') {
      if (same) mail.payment = true;
      else mail.replacement = wish;
    } else if (answer === undefined && !same) {
      return { kind: 'processing', message: 'The cart is being paid with another payment method: wait for the outcome' };
    }
    return nextAnswer();
  });

  setHandler(cancelUpdate, async () => {
    if (answer === undefined) await nextAnswer();
    if (waits()) mail.cancel = true;
    return nextAnswer();
  });

  setHandler(decideReviewUpdate, async (decision) => {
    if (waits() && standing?.step === 'await_review' && standing.checkoutId === decision.checkoutId) mail.decision ??= decision;
    return nextAnswer();
  });

  setHandler(paymentNotifiedSignal, ({ checkoutId }) => {
    // Every attempt of the cart shares this workflow: an event of an ended one must not be taken for the present one's.
    if (standing !== undefined && standing.step !== 'done' && standing.checkoutId === checkoutId) mail.payment = true;
    else notices.add(checkoutId);
  });

  // "Request cancellation" in Temporal's UI is the same as the shopper's cancel: everything is given back.
  CancellationScope.current().cancelRequested.catch(() => {
    if (standing?.step !== 'done') mail.cancel = true;
  });

  async function pay({ checkoutId, mayHaveBeenSent }: CheckoutStanding & { step: 'pay' }): Promise<CheckoutStanding> {
    const order = { checkoutId, ...(submission?.returnUrl === undefined ? {} : { returnUrl: submission.returnUrl }) };
    const refused = (message: string): Promise<CheckoutStanding> => steps.endCheckout({ checkoutId, status: 'declined', message });
    try {
      return await quickly.payCheckout({ ...order, mayHaveBeenSent });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) return refused(refusal);
      log.info('The gateway gave no quick answer', { checkoutId, cause: String(error) });
    }
    try {
      return await durably.payCheckout({ ...order, mayHaveBeenSent: true });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) return refused(refusal);
      log.warn('The payment could not be made', { checkoutId, cause: String(error) });
      return steps.endCheckout({ checkoutId, status: 'failed' });
    }
  }

  /** Out of time, or no longer wanted: the gateway is told first, for a payment that was made in time wins. */
  async function stop(checkoutId: string, status: 'expired' | 'canceled'): Promise<CheckoutStanding> {
    try {
      const inTime = await quickly.stopCheckoutPayment({ checkoutId });
      if (inTime) return inTime;
    } catch (error) {
      // The stock is freed in time all the same; whatever was paid goes back as soon as the gateway answers.
      log.warn('The payment could not be stopped', { checkoutId, cause: String(error) });
    }
    return steps.endCheckout({ checkoutId, status });
  }

  /** What the gateway says of the payment now, acted upon; undefined when it does not answer. */
  async function glance(checkoutId: string): Promise<CheckoutStanding | undefined> {
    try {
      return await quickly.refreshCheckout({ checkoutId });
    } catch (error) {
      log.info('The gateway does not say what became of the payment', { checkoutId, cause: String(error) });
      return undefined;
    }
  }

  async function awaitAction(waiting: CheckoutStanding & { step: 'await_action' }): Promise<CheckoutStanding> {
    const { checkoutId, waitMs } = waiting;
    // A gateway that was silent is asked again soon; the customer's time runs on meanwhile.
    const patienceMs = unanswered ? Math.min(waitMs, ASK_AGAIN_MS) : waitMs;
    const { remindInMs } = waiting;
    const wakeMs = remindInMs === undefined ? patienceMs : Math.min(patienceMs, remindInMs);
    const called = await condition(() => mail.payment || mail.cancel || mail.replacement !== undefined, wakeMs);
    if (!called && wakeMs === remindInMs) {
      await steps.remindCustomer({ checkoutId });
      return steps.resumeCheckout({ checkoutId });
    }
    const wanted = !mail.cancel && mail.replacement === undefined;
    answer = undefined;
    if (wanted && (mail.payment || patienceMs < waitMs)) {
      mail.payment = false;
      const now = await glance(checkoutId);
      unanswered = now === undefined;
      return now === undefined || now.step === 'await_action' ? steps.resumeCheckout({ checkoutId }) : now;
    }
    unanswered = false;
    const ended = await stop(checkoutId, called ? 'canceled' : 'expired');
    mail.cancel = false;
    // Paid in time after all, and to be reviewed: nobody waits for the other card any more.
    if (ended.step !== 'done') mail.replacement = undefined;
    return ended;
  }

  async function awaitReview(waiting: CheckoutStanding & { step: 'await_review' }): Promise<CheckoutStanding> {
    const { checkoutId } = waiting;
    await condition(() => mail.payment || mail.cancel || mail.decision !== undefined, waiting.waitMs);
    const { payment, cancel, decision } = mail;
    mail.payment = false;
    mail.cancel = false;
    mail.decision = undefined;
    answer = undefined;
    if (cancel) return steps.endCheckout({ checkoutId, status: 'canceled' });
    if (!decision && payment) {
      // The authorization may be gone: then there is nothing left to review.
      const now = await glance(checkoutId);
      return now === undefined || now.step === 'await_review' ? steps.resumeCheckout({ checkoutId }) : now;
    }
    return steps.decideReview(decision ?? { checkoutId, decision: waiting.defaultDecision, actor: 'deadline' });
  }

  async function next(present: Exclude<CheckoutStanding, { step: 'done' }>): Promise<CheckoutStanding> {
    if (present.step === 'pay') return pay(present);
    upsertSearchAttributes([{ key: CheckoutStatusAttribute, value: present.step }]);
    answer = present.answer;
    joiner = undefined;
    return present.step === 'await_action' ? awaitAction(present) : awaitReview(present);
  }

  /** One try, to its end. */
  async function run(first: CheckoutStanding): Promise<Done> {
    let present = first;
    for (standing = present; present.step !== 'done'; standing = present) present = await next(present);
    if (mail.payment && 'checkoutId' in present.answer) notices.add(present.answer.checkoutId);
    mail.payment = false;
    mail.cancel = false;
    mail.decision = undefined;
    mail.replacement ??= joiner;
    joiner = undefined;
    if (present.answer.kind === 'placed') mail.replacement = undefined;
    answer = mail.replacement ? undefined : present.answer;
    return present;
  }

  /** What does the gateway hold of a checkout that has ended? What cannot be known now is looked at until it is. */
  async function lookAgain(present: Done, checkoutId: string): Promise<Done> {
    if (present.answer.kind === 'placed') return present;
    try {
      const now = await durably.refreshCheckout({ checkoutId });
      return now.step === 'done' ? now : present;
    } catch {
      return { ...present, returnMoneyOf: checkoutId };
    }
  }

  /** Goes on by itself: a gateway that does not answer must not keep the shopper from the next try. */
  function giveBack({ returnMoneyOf }: Done): void {
    if (returnMoneyOf === undefined) return;
    returning += 1;
    void giveMoneyBack(steps, { checkoutId: returnMoneyOf, reason: 'checkout ended without an order', source: 'checkout' }).finally(() => {
      returning -= 1;
    });
  }

  async function begin(): Promise<Done> {
    if ('submission' in input) return run(await steps.beginCheckout(input.submission));
    const { checkoutId } = input.resume;
    notices.delete(checkoutId);
    const present = await steps.resumeCheckout({ checkoutId });
    return present.step === 'done' ? run(await lookAgain(present, checkoutId)) : run(present);
  }

  return CancellationScope.nonCancellable(async () => {
    let done = await begin();
    // After the answer: an ordinary activity, so that the answer is on its way first.
    giveBack(done);
    for (;;) {
      await condition(() => (allHandlersFinished() && returning === 0) || notices.size > 0 || mail.replacement !== undefined);
      const [notice] = notices;
      // The shopper's next try comes before a look back at an old one.
      const lookBack = notice !== undefined && (mail.replacement === undefined || !patched('replacement-first'));
      if (lookBack) {
        notices.delete(notice);
        const present = await steps.resumeCheckout({ checkoutId: notice });
        if (present.step === 'done') giveBack(await lookAgain(present, notice));
      } else if (mail.replacement) {
        submission = mail.replacement;
        mail.replacement = undefined;
        answer = undefined;
        standing = undefined;
        done = await run(await steps.beginCheckout(submission));
        giveBack(done);
      } else if (allHandlersFinished() && returning === 0) {
        return done.answer;
      }
    }
  });
}
