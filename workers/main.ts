import { randomUUID } from 'node:crypto';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { openDatabase } from '../adapters/postgres/database.ts';
import { createFraudScorer } from '../adapters/fraud-scorer.ts';
import { createEmbedder } from '../adapters/embeddings/create-embedder.ts';
import { createDefinitionRegister } from '../adapters/postgres/search/definition-register.ts';
import { createEmbeddingStore } from '../adapters/postgres/search/embeddings.ts';
import { createShopperEventStore } from '../adapters/postgres/search/shopper-events.ts';
import { createRecommendationStore } from '../adapters/postgres/search/recommendations.ts';
import { loadStopWords } from '../adapters/stop-words.ts';
import { createProductEmbedder } from '../services/search/embed-products.ts';
import { createMerchandisingReader } from '../services/search/merchandising-reader.ts';
import { createWeightLearner } from '../services/search/learn-search-weights.ts';
import { createProductSource } from '../adapters/postgres/search/product-source.ts';
import { createSearchIndexes } from '../adapters/search-indexes.ts';
import { createReindexProcess } from '../temporal/runtime/reindex-process.ts';
import { createWebhookSender } from '../adapters/http/webhook-sender.ts';
import { webhookSigner } from '../adapters/http/webhook-signer.ts';
import { createMailer } from '../adapters/mail/mailer.ts';
import { createTemplateRenderer } from '../adapters/mail/template-renderer.ts';
import { createAnalyticsCounter } from '../adapters/postgres/analytics-counter.ts';
import { createNotifications } from '../adapters/postgres/notifications.ts';
import { createUnitOfWork } from '../adapters/postgres/unit-of-work.ts';
import { createShippingProviders } from '../adapters/shipping/shipping-providers.ts';
import { createPaymentGateways } from '../adapters/payment-gateways.ts';
import { ConfigError, loadConfig, readEnvFile, type Config } from '../platform/config.ts';
import { createShutdown } from '../platform/graceful-shutdown.ts';
import { createIdGenerator } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { freePort } from '../platform/ports.ts';
import { createMetrics, startMetricsServer } from '../platform/metrics.ts';
import { startTracing } from '../platform/tracing.ts';
import { TASK_QUEUES, type TaskQueue } from '../temporal/contracts/task-queues.ts';
import { createActorStarter } from '../temporal/runtime/actor-starter.ts';
import { createCollectionStarter } from '../temporal/runtime/collection-process.ts';
import { createDisputeStarter } from '../temporal/runtime/dispute-process.ts';
import { connectClient, connectionOptions } from '../temporal/runtime/connection.ts';
import { createSchedules, registerSearchAttributes } from '../temporal/runtime/namespace.ts';
import { createFulfillmentProcess } from '../temporal/runtime/fulfillment-process.ts';
import { createOrderProcess } from '../temporal/runtime/order-process.ts';
import { createDeliveryStarter } from '../temporal/runtime/delivery-starter.ts';
import { createDataConverter } from '../temporal/runtime/payload-codec.ts';
import { installRuntime } from '../temporal/runtime/telemetry.ts';
import { clientInterceptors, workerTracing } from '../temporal/runtime/tracing.ts';
import { createEventShaper } from '../services/webhooks/shape-for-endpoint.ts';
import { startRelay, type Relay } from './relay.ts';
import { registerMeaningMetrics } from './meaning-metrics.ts';
import { createSearchMetrics } from './search-metrics.ts';
import { workflowBundle } from './workflow-bundle.ts';
import { createWorkerServices } from './worker-services.ts';

/** Longer than any short activity, so that a stopping worker hands nothing over half done. */
const SHUTDOWN_GRACE = '8s';
/** What was kept for a worker that was killed is another one's after this: as soon as what it was at (checkout-process.ts), not twice as late. */
const KEPT_FOR_THE_SAME = '5s';
/** How long a retried incident waits for the order's actor; it is asked again after that. */
const ORDER_ANSWERS_WITHIN_MS = 20_000;
const GATEWAY_EVENTS_IDLE_MS = 250;
const BACKORDERS_IDLE_MS = 1_000;
const NOTIFICATIONS_IDLE_MS = 1_000;
const UPKEEP_STATEMENT_MS = 10 * 60_000;
/** Should the database's word that something was written be lost. */
const OUTBOX_IDLE_MS = 1_000;
/** A lane whose time has come is seen after this. */
const LANES_IDLE_MS = 200;
const SEARCH_IDLE_MS = 1_000;
/** What changes within so long is written once. */
const SEARCH_REST_MS = 250;
/** An engine that was away is asked again so soon, since shoppers are to see what changes within seconds. */
const SEARCH_LONGEST_MS = 2_000;
const SEARCH_ENSURE_MS = 10_000;
const EMBEDDINGS_IDLE_MS = 2_000;
const WEBHOOK_LOG_IDLE_MS = 600_000;
/** The channel on which each write to the outbox is told. */
const OUTBOX_WRITTEN = 'outbox_written';

/** A rebuild goes on at its last heartbeat, and hears by heartbeats that it is to be slower, or to end. */
const OF_QUEUE: Partial<Record<TaskQueue, Pick<WorkerOptions, 'maxHeartbeatThrottleInterval'>>> = { [TASK_QUEUES.search]: { maxHeartbeatThrottleInterval: '200ms' } };

const isTaskQueue = (name: string): name is TaskQueue => Object.values<string>(TASK_QUEUES).includes(name);

function taskQueues(config: Config): TaskQueue[] {
  const unknown = config.worker.taskQueues.filter((name) => !isTaskQueue(name));
  if (unknown.length > 0) throw new ConfigError(`WORKER_TASK_QUEUES names unknown queues; there are ${Object.values(TASK_QUEUES).join(', ')}`);
  return config.worker.taskQueues.length === 0 ? Object.values(TASK_QUEUES) : config.worker.taskQueues.filter(isTaskQueue);
}

async function main(): Promise<void> {
  readEnvFile();
  const config = loadConfig();
  const { postgres, hashSecret, otlpEndpoint } = config;
  if (postgres.url === undefined) throw new ConfigError('DATABASE_URL must be set');
  if (hashSecret === undefined) throw new ConfigError('HASH_SECRET must be set');
  const queues = taskQueues(config);
  const scorer = await createFraudScorer(config);

  const logger = createLogger({ name: 'worker', level: config.logLevel });
  const shutdown = createShutdown({ logger, timeoutMs: config.shutdownTimeoutMs });
  shutdown.listen();
  const tracing = await startTracing({ endpoint: otlpEndpoint, serviceName: 'headlesspro-worker' });
  shutdown.onClose('tracing', () => tracing.stop());

  const sdkMetrics = installRuntime({ logger, metricsPort: await freePort() });
  const database = openDatabase({
    url: postgres.url,
    poolSize: postgres.poolSize,
    applicationName: 'headlesspro-worker',
    onError: (err) => logger.warn({ err }, 'an idle database connection was lost'),
  });
  shutdown.onClose('database', () => database.close());
  // What a schedule reckons over all events may take longer than anything that somebody waits for.
  const patientDatabase = openDatabase({
    url: postgres.url,
    poolSize: 2,
    statementTimeoutMs: UPKEEP_STATEMENT_MS,
    applicationName: 'headlesspro-worker-upkeep',
    onError: (err) => logger.warn({ err }, 'an idle database connection was lost'),
  });
  shutdown.onClose('database for upkeep', () => patientDatabase.close());
  const shopperEvents = createShopperEventStore(patientDatabase);

  const { client, connection: clientConnection } = await connectClient(config, { interceptors: { workflow: clientInterceptors(tracing) } });
  shutdown.onClose('Temporal client', () => clientConnection.close());
  const connection = await NativeConnection.connect(await connectionOptions(config));
  shutdown.onClose('Temporal connection', () => connection.close());
  await registerSearchAttributes(clientConnection, config.temporal.namespace);
  await createSchedules(client, { reconcileEverySeconds: config.reconciliation.intervalSeconds, rollUpEverySeconds: config.analyticsIntervalSeconds, searchUpkeepEverySeconds: config.search.upkeepIntervalSeconds });

  const work = createUnitOfWork(database);
  const embedder = createEmbedder(config.search.embeddings, (line) => logger.info(line));
  shutdown.onClose('embedder', async () => embedder?.close());
  const searchIndexes = createSearchIndexes(config, database, embedder);
  const productSource = createProductSource(database, embedder?.model ?? null);
  shutdown.onClose('search engines', () => searchIndexes.close());
  const merchandising = createMerchandisingReader({
    store: work.stores.merchandising,
    language: config.search.language,
    stopWords: loadStopWords,
    now: () => performance.now(),
    onFailure: (err) => logger.warn({ err }, 'what merchandisers say could not be read'),
  });
  const sender = createWebhookSender(config.webhooks);
  /** Started below. */
  const started: { lanes?: Relay } = {};
  shutdown.onClose('webhook connections', () => sender.close());
  const registry = createMetrics({ role: 'worker' });
  const reindexing = createReindexProcess(client);
  const indexerMetrics = createSearchMetrics(registry, { engines: searchIndexes.all.map(({ engine }) => engine), source: productSource, reindexing });
  const services = createWorkerServices({
    work,
    analytics: createAnalyticsCounter(database),
    webhooks: {
      sender,
      signer: webhookSigner,
      shaper: createEventShaper(),
      random: Math.random,
      ...config.webhooks,
      onFree: () => started.lanes?.wake(),
      onError: (err, lane) => logger.warn({ err, ...lane }, 'a lane of webhooks could not be worked on; it is tried again'),
    },
    deliveries: createDeliveryStarter(client),
    search: {
      indexes: searchIndexes.all,
      source: productSource,
      definitions: createDefinitionRegister(database),
      onIndexed: indexerMetrics.onIndexed,
      onRefused(engine, refused) {
        indexerMetrics.onRefused(engine, refused);
        logger.error({ engine, refused: refused.slice(0, 10), count: refused.length }, 'an engine does not take these products: they are not found in it');
      },
      reindexing,
      recommendations: createRecommendationStore(patientDatabase),
      events: shopperEvents,
      learner: createWeightLearner({ events: shopperEvents, store: work.stores.merchandising, index: searchIndexes.first, merchandising, now: () => new Date() }),
      logDays: config.search.logDays,
    },
    gateways: createPaymentGateways(config, work),
    onGatewayEventError: (err, { gateway, eventId }) => logger.warn({ err, gateway, eventId }, 'a gateway event could not be handed on; it is tried again'),
    actors: createActorStarter(client),
    disputes: createDisputeStarter(client),
    collections: createCollectionStarter(client),
    balances: { expiresSeconds: config.balanceExpiresSeconds, publicUrl: config.http.publicUrl },
    orderProcess: createOrderProcess(client, { answerWithinMs: ORDER_ANSWERS_WITHIN_MS }),
    fulfillmentProcess: createFulfillmentProcess(client, { answerWithinMs: ORDER_ANSWERS_WITHIN_MS }),
    fulfillmentProviders: createShippingProviders(config),
    reconciliation: config.reconciliation,
    mailer: createMailer(config),
    mailRenderer: createTemplateRenderer(),
    mailFrom: config.mail.from,
    onMailFailure: (err, { id, attempts }) => logger.warn({ err, notificationId: id, attempts }, 'a mail could not be handed over'),
    newId: createIdGenerator(),
    hashSecret,
    scorer: scorer && {
      scorer,
      timeoutMs: config.fraudScorer.timeoutMs,
      onFailure: config.fraudScorer.onFailure,
      report: (err) => logger.warn({ err, scorer: scorer.name }, 'the fraud scorer gave no score'),
    },
  });

  // Before the workers of Temporal, which take seconds to load: where the only worker was killed, its successor follows the catalog meanwhile.
  const indexers = services.indexers.map(({ engine, follow }) => startRelay({ name: `search index in ${engine}`, batch: follow, idleMs: SEARCH_IDLE_MS, restMs: SEARCH_REST_MS, longestMs: SEARCH_LONGEST_MS, logger }));
  const written = createNotifications({
    url: postgres.url,
    channel: OUTBOX_WRITTEN,
    applicationName: 'headlesspro-worker-listener',
    onError: (err) => logger.warn({ err }, 'the listening database connection was lost; it is opened again'),
  });
  written.listen('', () => {
    for (const indexer of indexers) indexer.wake();
  });
  shutdown.onClose('notifications', () => written.close());
  shutdown.onClose('search indexers', async () => void (await Promise.all(indexers.map((indexer) => indexer.stop()))));

  const common: Omit<WorkerOptions, 'taskQueue' | 'activities'> = {
    connection,
    namespace: config.temporal.namespace,
    dataConverter: createDataConverter(config.payloadKeys),
    workflowBundle: await workflowBundle(config.worker.workflowBundle, { traced: otlpEndpoint !== undefined }),
    shutdownGraceTime: SHUTDOWN_GRACE,
    stickyQueueScheduleToStartTimeout: KEPT_FOR_THE_SAME,
    ...workerTracing(tracing, 'headlesspro-worker'),
  };
  const workers = await Promise.all(
    queues.map((taskQueue) => Worker.create({ ...common, ...OF_QUEUE[taskQueue], taskQueue, activities: { ...services.activities[taskQueue] } })),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  shutdown.onClose('workers', async () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  });
  const relays = [
    startRelay({ name: 'order actors', batch: services.relays.orderActors, idleMs: 1_000 / config.worker.orderActorsPerSecond, logger }),
    startRelay({ name: 'webhook log', batch: services.relays.webhookLog, idleMs: WEBHOOK_LOG_IDLE_MS, logger }),
    startRelay({ name: 'backorders', batch: services.relays.backorders, idleMs: BACKORDERS_IDLE_MS, logger }),
    startRelay({ name: 'notifications', batch: services.relays.notifications, idleMs: NOTIFICATIONS_IDLE_MS, logger }),
    startRelay({ name: 'gateway events', batch: services.relays.gatewayEvents, idleMs: GATEWAY_EVENTS_IDLE_MS, logger }),
  ];
  relays.push(...services.indexers.map(({ engine, ensure }) => startRelay({ name: `definition of the search index in ${engine}`, batch: () => ensure().then(() => 0), idleMs: SEARCH_ENSURE_MS, logger })));
  if (embedder) {
    const store = createEmbeddingStore(database);
    registerMeaningMetrics(registry, { store, model: embedder.model });
    const batch = createProductEmbedder({
      source: productSource,
      store,
      embedder,
      holder: randomUUID(),
      now: () => performance.now(),
      onFailure: (err) => logger.warn({ err }, 'meanings of products could not be reckoned; they are tried again'),
      onRefused: ({ productId, reason }) => logger.warn({ productId, reason }, 'the embedding model does not take the text of this product: it is found by its words alone'),
    });
    relays.push(startRelay({ name: 'meanings of products', batch, idleMs: EMBEDDINGS_IDLE_MS, logger }));
  }
  const lanes = startRelay({ name: 'webhook lanes', batch: services.webhooks.pump, idleMs: LANES_IDLE_MS, logger });
  started.lanes = lanes;
  const events = startRelay({
    name: 'events',
    async batch() {
      const handed = await services.relays.events();
      if (handed > 0) lanes.wake();
      return handed;
    },
    idleMs: OUTBOX_IDLE_MS,
    logger,
  });
  relays.push(lanes, events);
  written.listen('', () => events.wake());
  shutdown.onClose('webhook lanes', () => services.webhooks.close());
  shutdown.onClose('relays', async () => void (await Promise.all(relays.map((relay) => relay.stop()))));

  const metrics = await startMetricsServer({
    port: config.worker.metricsPort,
    host: config.worker.metricsHost,
    registry,
    ready: async () => workers.every((worker) => worker.getState() === 'RUNNING'),
    alsoFrom: sdkMetrics,
  });
  shutdown.onClose('metrics', () => metrics.close());
  logger.info({ queues, metricsPort: metrics.port }, 'the worker is ready');
  await running;
}

main().catch((error: unknown) => {
  // One line for what a person can mend; the stack for everything else.
  console.error(error instanceof ConfigError ? `worker: ${error.message}` : error);
  process.exit(1);
});
