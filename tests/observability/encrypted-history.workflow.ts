import { ApplicationFailure, condition, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';

export interface FailingInput {
  readonly email: string;
}

export interface FailingActivities {
  failWith(input: FailingInput): Promise<void>;
}

/** Refused by its handler, after which the workflow goes on. */
export const refuse = defineUpdate<void, [FailingInput]>('refuse');

const { failWith } = proxyActivities<FailingActivities>({ startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } });

/** Fails in every way that leaves a message in the history: in an update, in an activity, and as a whole with a cause. */
export async function failing({ email }: FailingInput): Promise<void> {
  let refused = false;
  setHandler(refuse, (input) => {
    refused = true;
    throw ApplicationFailure.nonRetryable(`the update refused ${input.email}`);
  });
  await condition(() => refused);
  try {
    await failWith({ email });
  } catch (cause) {
    throw ApplicationFailure.create({
      message: `the workflow gave up on ${email}`,
      nonRetryable: true,
      details: [{ email }],
      ...(cause instanceof Error && { cause }),
    });
  }
}
