import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { ApplicationFailure, type Client, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundle } from '@temporalio/worker';
import type { NewIncident } from '../../domain/orders/incident.ts';
import type { OrderTask } from '../../domain/orders/order-task.ts';
import { connectClient, connectionOptions } from '../../temporal/runtime/connection.ts';
import type { FulfillmentActivities } from '../../temporal/contracts/fulfillments.ts';
import {
  cancelOrderUpdate,
  ORDER_WORKFLOW,
  orderStateQuery,
  type OrderInput,
  type OrderPaymentActivities,
  type OrderSteps,
} from '../../temporal/contracts/orders.ts';
import { registerSearchAttributes } from '../../temporal/runtime/namespace.ts';
import { createDataConverter } from '../../temporal/runtime/payload-codec.ts';
import { workflowBundle } from '../../workers/workflow-bundle.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const HOUR_MS = 3_600_000;

let stack: Stack;
let client: Client;
let disconnect: () => Promise<void>;
let workerConnection: NativeConnection;
let bundle: WorkflowBundle | { codePath: string };

/** What the actor finds, what its renewal comes to, and what it did. */
let task: OrderTask;
let renewal: () => boolean;
let renewals: number;
let looks: number;
let incidents: NewIncident[];

before(async () => {
  stack = await startStack();
  bundle = await workflowBundle(undefined, { traced: false });
  const connected = await connectClient(stack.config);
  client = connected.client;
  disconnect = () => connected.connection.close();
  await registerSearchAttributes(connected.connection, stack.config.temporal.namespace);
  workerConnection = await NativeConnection.connect(await connectionOptions(stack.config));
});

after(async () => {
  await workerConnection.close();
  await disconnect();
  await stack.close();
});

beforeEach(() => {
  task = {
    status: 'placed',
    checkoutId: 'chk_1',
    captureDue: false,
    renewal: { inMs: 100, lapsesInMs: HOUR_MS, lapsesAt: '2026-11-30T00:00:00.000Z' },
  };
  renewal = () => true;
  renewals = 0;
  looks = 0;
  incidents = [];
});

type Asked = 'stopFulfillments' | 'loadOrderTask' | 'beginCancel' | 'finishCancel' | 'raiseIncident' | 'returnMoney' | 'renewAuthorizations';

const activities: Pick<OrderSteps & OrderPaymentActivities & FulfillmentActivities, Asked> = {
  stopFulfillments: async () => {},
  loadOrderTask: async () => {
    looks += 1;
    return task;
  },
  beginCancel: async () => ({ ...task, status: 'canceling' }),
  finishCancel: async () => ({ status: 'canceled' }),
  returnMoney: async () => {},
  async raiseIncident(incident) {
    incidents.push(incident);
  },
  async renewAuthorizations() {
    renewals += 1;
    return renewal();
  },
};

/** Runs one order's actor on a worker of its own until `play` has ended, and the order with it. */
async function during(play: (handle: WorkflowHandle) => Promise<void>): Promise<void> {
  const taskQueue = `order-${randomUUID()}`;
  const worker = await Worker.create({
    connection: workerConnection,
    namespace: stack.config.temporal.namespace,
    taskQueue,
    workflowBundle: bundle,
    activities: { ...activities },
    dataConverter: createDataConverter(stack.config.payloadKeys),
  });
  await worker.runUntil(async () => {
    const input: OrderInput = { orderId: 'ord_1' };
    const handle = await client.workflow.start(ORDER_WORKFLOW, { workflowId: taskQueue, taskQueue, args: [input] });
    await play(handle);
    await handle.executeUpdate(cancelOrderUpdate, { args: [{ reason: 'the test is over', actor: 'operator' }] });
    assert.deepEqual(await handle.result(), { status: 'canceled' });
  });
}

/** Waits until the actor is free again after its renewals and has looked at the order anew. */
async function free(handle: WorkflowHandle, { after: tries }: { after: number }): Promise<void> {
  await waitFor(() => renewals >= tries && looks > tries, { what: `renewal ${tries}` });
  await waitFor(async () => (await handle.query(orderStateQuery)).step === 'open', { what: 'the actor to be free' });
}

test('an authorization is renewed when it is due, and the new one is reckoned anew', () =>
  during(async (handle) => {
    renewal = () => {
      task = { status: 'placed', checkoutId: 'chk_1', captureDue: false };
      return true;
    };
    await free(handle, { after: 1 });
    assert.deepEqual([renewals, incidents], [1, []]);
  }));

test('one whose renewal comes to nothing calls a person, and is left alone until it lapses', () =>
  during(async (handle) => {
    renewal = () => {
      throw ApplicationFailure.nonRetryable('The gateway does not answer', 'GATEWAY_REJECTED');
    };
    await free(handle, { after: 1 });
    assert.deepEqual(
      incidents.map(({ kind, subjectId, cause }) => [kind, subjectId, cause]),
      [['authorization_expiring', 'ord_1', 'The gateway does not answer']],
    );
    assert.equal(renewals, 1);
  }));

test('one for which a person was called already is left alone too', () =>
  during(async (handle) => {
    renewal = () => false;
    await free(handle, { after: 1 });
    assert.deepEqual([renewals, incidents], [1, []]);
  }));
