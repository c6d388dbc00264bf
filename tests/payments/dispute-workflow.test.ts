import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { ApplicationFailure, WorkflowNotFoundError, WorkflowUpdateFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundle } from '@temporalio/worker';
import type { DisputeStanding } from '../../domain/payments/dispute-standing.ts';
import { connectClient, connectionOptions } from '../../temporal/runtime/connection.ts';
import {
  answerDisputeUpdate,
  DISPUTE_WORKFLOW,
  disputeNotifiedSignal,
  type DisputeActivities,
  type DisputeKey,
  type DisputeSteps,
} from '../../temporal/contracts/disputes.ts';
import { createDataConverter } from '../../temporal/runtime/payload-codec.ts';
import { workflowBundle } from '../../workers/workflow-bundle.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const HOURS = 3_600_000;
const REMIND_BEFORE_MS = 48 * HOURS;

let stack: Stack;
let client: Client;
let disconnect: () => Promise<void>;
let workerConnection: NativeConnection;
let bundle: WorkflowBundle | { codePath: string };

/** How the dispute stands for the workflow, and what the workflow did. */
let standing: DisputeStanding | null;
let done: string[];
let exchanges: number;
let mostAtOnce: number;
/** What the gateway does with each exchange. */
let gateway: (what: 'refresh' | 'send') => Promise<void> | void;

before(async () => {
  stack = await startStack();
  bundle = await workflowBundle(undefined, { traced: false });
  const connected = await connectClient(stack.config);
  client = connected.client;
  disconnect = () => connected.connection.close();
  workerConnection = await NativeConnection.connect(await connectionOptions(stack.config));
});

after(async () => {
  await workerConnection.close();
  await disconnect();
  await stack.close();
});

beforeEach(() => {
  standing = { id: 'dsp_1', status: 'needs_response' };
  done = [];
  exchanges = 0;
  mostAtOnce = 0;
  gateway = () => {};
});

async function exchange(what: 'refresh' | 'send'): Promise<void> {
  exchanges += 1;
  mostAtOnce = Math.max(mostAtOnce, exchanges);
  try {
    await gateway(what);
    done.push(what);
  } finally {
    exchanges -= 1;
  }
}

const activities: DisputeSteps & DisputeActivities = {
  loadDispute: async () => standing,
  async escalateDispute() {
    done.push('escalate');
  },
  async reportUnreadableDispute({ cause }) {
    done.push(`unreadable: ${cause}`);
  },
  async refreshDispute() {
    await exchange('refresh');
    if (!standing) throw ApplicationFailure.nonRetryable('no such dispute', 'GATEWAY_REJECTED');
    return standing;
  },
  sendDisputeAnswer: () => exchange('send'),
};

/** Runs one dispute on a worker of its own until `play` has ended. */
async function during(play: (handle: WorkflowHandle) => Promise<void>): Promise<void> {
  const taskQueue = `dispute-${randomUUID()}`;
  const worker = await Worker.create({
    connection: workerConnection,
    namespace: stack.config.temporal.namespace,
    taskQueue,
    workflowBundle: bundle,
    activities: { ...activities },
    dataConverter: createDataConverter(stack.config.payloadKeys),
  });
  await worker.runUntil(async () => {
    const key: DisputeKey = { gateway: 'stripe', disputeRef: taskQueue };
    await play(await client.workflow.start(DISPUTE_WORKFLOW, { workflowId: taskQueue, taskQueue, args: [key] }));
  });
}

/** The bank decides, and the workflow ends. */
async function close(handle: WorkflowHandle): Promise<void> {
  standing = { id: 'dsp_1', status: 'won' };
  await handle.signal(disputeNotifiedSignal, { eventId: 'evt_closed' }).catch((error: unknown) => {
    // Its own look at the gateway came first.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  });
  assert.deepEqual(await handle.result(), { status: 'won' });
}

const happened = (what: string, times = 1): Promise<boolean> =>
  waitFor(() => done.filter((one) => one === what).length >= times, { what: `${what}, ${times} times, among ${done.join(', ')}` });

test('reads the dispute back at the start and for each event, and ends when it is closed', () =>
  during(async (handle) => {
    await happened('refresh');
    await handle.signal(disputeNotifiedSignal, { eventId: 'evt_1' });
    await happened('refresh', 2);
    await close(handle);
    assert.deepEqual([...new Set(done)], ['refresh']);
  }));

test('calls a person once more 48 hours before the evidence is due, once', () =>
  during(async (handle) => {
    standing = { id: 'dsp_1', status: 'needs_response', dueInMs: REMIND_BEFORE_MS + 1_000 };
    await happened('refresh');
    assert.ok(!done.includes('escalate'));
    await happened('escalate');
    await handle.signal(disputeNotifiedSignal, { eventId: 'evt_1' });
    await happened('refresh', 2);
    await close(handle);
    assert.equal(done.filter((one) => one === 'escalate').length, 1);
  }));

test('calls at once when the evidence is due sooner', () =>
  during(async (handle) => {
    standing = { id: 'dsp_1', status: 'needs_response', dueInMs: HOURS };
    await happened('escalate');
    await close(handle);
  }));

test('sends an answer that nobody came to send', () =>
  during(async (handle) => {
    standing = { id: 'dsp_1', status: 'needs_response', sendInMs: 300 };
    gateway = (what) => {
      if (what === 'send') standing = { id: 'dsp_1', status: 'under_review' };
    };
    await happened('send');
    await happened('refresh', 2);
    await close(handle);
    assert.equal(done.filter((one) => one === 'send').length, 1);
  }));

test('gives up an answer that is not taken until there is news', () =>
  during(async (handle) => {
    let tries = 0;
    standing = { id: 'dsp_1', status: 'needs_response', sendInMs: 1 };
    gateway = (what) => {
      if (what === 'refresh') return;
      tries += 1;
      throw ApplicationFailure.nonRetryable('too long', 'GATEWAY_REJECTED');
    };
    await waitFor(() => tries === 1, { what: 'the first try' });
    await handle.signal(disputeNotifiedSignal, { eventId: 'evt_1' });
    await waitFor(() => tries === 2, { what: 'the second try' });
    await close(handle);
    assert.equal(tries, 2);
  }));

test('has one exchange with the gateway at a time', () =>
  during(async (handle) => {
    await happened('refresh');
    gateway = () => new Promise((resolve) => setTimeout(resolve, 30));
    const answers = [1, 2, 3].map(() => handle.executeUpdate(answerDisputeUpdate));
    await Promise.all([...answers, handle.signal(disputeNotifiedSignal, { eventId: 'evt_1' })]);
    await happened('refresh', 2);
    await close(handle);
    assert.equal(mostAtOnce, 1);
    assert.equal(done.filter((one) => one === 'send').length, 3);
  }));

test('tells the operator why an answer is not taken, and goes on', () =>
  during(async (handle) => {
    await happened('refresh');
    gateway = (what) => {
      if (what === 'send') throw ApplicationFailure.nonRetryable('too long', 'GATEWAY_REJECTED');
    };
    await assert.rejects(handle.executeUpdate(answerDisputeUpdate), (error) => {
      assert.ok(error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure);
      assert.deepEqual([error.cause.type, error.cause.message], ['GATEWAY_REJECTED', 'too long']);
      return true;
    });
    await happened('refresh', 2);
    await close(handle);
  }));

test('calls a person for a dispute that the gateway does not show, and looks again when it hears of it', () =>
  during(async (handle) => {
    standing = null;
    await happened('unreadable: no such dispute');
    await close(handle);
  }));
