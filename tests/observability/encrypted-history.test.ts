import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ActivityFailure, ApplicationFailure, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { NativeConnection, Worker, type WorkflowBundle } from '@temporalio/worker';
import { type Config, loadConfig } from '../../platform/config.ts';
import { connectClient, connectionOptions } from '../../temporal/runtime/connection.ts';
import { createDataConverter } from '../../temporal/runtime/payload-codec.ts';
import { bundleWorkflows } from '../../workers/workflow-bundle.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { type FailingActivities, type FailingInput, type failing, refuse } from './encrypted-history.workflow.ts';

const EMAIL = 'ada@example.com';
/** What only those who have the keys may read. */
const PRIVATE = [EMAIL, 'the update refused', 'the activity failed', 'the workflow gave up', 'encrypted-history.workflow.ts'];

let stack: Stack;
let bundle: WorkflowBundle;

before(async () => {
  [stack, bundle] = await Promise.all([
    startStack(),
    bundleWorkflows(fileURLToPath(new URL('./encrypted-history.workflow.ts', import.meta.url)), { traced: false }),
  ]);
});

after(() => stack.close());

/** Runs the failing workflow as API and worker of this configuration would; what Temporal stored, byte by byte. */
async function historyOf(config: Config): Promise<Buffer> {
  const taskQueue = `encrypted-history-${randomUUID()}`;
  const activities: FailingActivities = {
    failWith: async ({ email }) => {
      throw ApplicationFailure.nonRetryable(`the activity failed for ${email}`);
    },
  };
  const { client, connection } = await connectClient(config);
  const workerConnection = await NativeConnection.connect(await connectionOptions(config));
  try {
    const worker = await Worker.create({
      connection: workerConnection,
      namespace: config.temporal.namespace,
      taskQueue,
      workflowBundle: bundle,
      activities: { ...activities },
      dataConverter: createDataConverter(config.payloadKeys),
    });
    return await worker.runUntil(async () => {
      const args: [FailingInput] = [{ email: EMAIL }];
      const handle = await client.workflow.start<typeof failing>('failing', { workflowId: taskQueue, taskQueue, args });
      await assert.rejects(handle.executeUpdate(refuse, { args }), (error) => {
        assert.ok(error instanceof WorkflowUpdateFailedError);
        assert.equal(error.cause?.message, `the update refused ${EMAIL}`);
        return true;
      });
      await assert.rejects(handle.result(), (error) => {
        assert.ok(error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure);
        assert.equal(error.cause.message, `the workflow gave up on ${EMAIL}`);
        assert.deepEqual(error.cause.details, [{ email: EMAIL }]);
        const activityFailure = error.cause.cause;
        assert.ok(activityFailure instanceof ActivityFailure);
        assert.equal(activityFailure.cause?.message, `the activity failed for ${EMAIL}`);
        return true;
      });
      return Buffer.from(proto.temporal.api.history.v1.History.encode(await handle.fetchHistory()).finish());
    });
  } finally {
    await workerConnection.close();
    await connection.close();
  }
}

test('with keys, Temporal stores no input, message or stack trace in clear, and who has the keys reads them', async () => {
  const keys = `test-1:${randomBytes(32).toString('base64')}`;
  const history = await historyOf(loadConfig({ ...stack.env, PAYLOAD_ENCRYPTION_KEYS: keys }));
  assert.ok(history.includes('Encoded failure'));
  for (const text of PRIVATE) assert.ok(!history.includes(text), text);
});

test('without keys all of it is in the history, so that the test above would find it', async () => {
  const history = await historyOf(stack.config);
  for (const text of PRIVATE) assert.ok(history.includes(text), text);
});
