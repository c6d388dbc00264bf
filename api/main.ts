import { createShippingProviders } from '../adapters/shipping/shipping-providers.ts';
import { createPaymentGateways } from '../adapters/payment-gateways.ts';
import { createDefinitionRegister } from '../adapters/postgres/search/definition-register.ts';
import { createEmbeddingStore } from '../adapters/postgres/search/embeddings.ts';
import { createProductSource } from '../adapters/postgres/search/product-source.ts';
import { createSearchIndexes } from '../adapters/search-indexes.ts';
import { createWebhookSender } from '../adapters/http/webhook-sender.ts';
import { webhookSigner } from '../adapters/http/webhook-signer.ts';
import { createMailFolder } from '../adapters/mail/folder-mailer.ts';
import { createTemplateRenderer } from '../adapters/mail/template-renderer.ts';
import { openDatabase } from '../adapters/postgres/database.ts';
import { createAnalyticsReader } from '../adapters/postgres/analytics-reader.ts';
import { createCatalogStore } from '../adapters/postgres/catalog.ts';
import { createIdempotencyStore } from '../adapters/postgres/idempotency.ts';
import { createNotifications } from '../adapters/postgres/notifications.ts';
import { pendingMigrations } from '../adapters/postgres/pending-migrations.ts';
import { createTimelineReader } from '../adapters/postgres/timeline.ts';
import { createUnitOfWork } from '../adapters/postgres/unit-of-work.ts';
import { ConfigError, loadConfig, readEnvFile } from '../platform/config.ts';
import { createShutdown } from '../platform/graceful-shutdown.ts';
import { createIdGenerator } from '../platform/ids.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { startTracing } from '../platform/tracing.ts';
import { ownLocale } from '../domain/catalog/own-locale.ts';
import { createCatalogService } from '../services/catalog/catalog-service.ts';
import { createChannelDesk } from '../services/catalog/channel-desk.ts';
import { createCartService } from '../services/checkout/cart-service.ts';
import { createKeyedHash } from '../services/checkout/cart-tokens.ts';
import { createDraftOrderDesk } from '../services/checkout/draft-orders.ts';
import { createFraudDesk } from '../services/checkout/fraud/fraud-desk.ts';
import { createCheckoutReader } from '../services/checkout/checkout-service.ts';
import { createNotificationDesk } from '../services/orders/notifications/notification-desk.ts';
import { createBalanceReader } from '../services/orders/collections/balance-reader.ts';
import { createOrderEditService } from '../services/orders/edits/order-edit-service.ts';
import { createReorder } from '../services/orders/edits/reorder.ts';
import { createAnalyticsDesk } from '../services/orders/analytics/analytics-desk.ts';
import { createReturnDesk } from '../services/orders/returns/return-desk.ts';
import { createIncidentService, createOrderReader } from '../services/orders/order-service.ts';
import { createOrderTracker } from '../services/orders/track-order.ts';
import { createStoredValueService } from '../services/payments/stored-value-service.ts';
import { createCustomerGroupDesk } from '../services/customers/customer-groups.ts';
import { createCustomerService } from '../services/customers/customer-service.ts';
import { createSavedMethodService } from '../services/customers/saved-methods.ts';
import { createDisputeService } from '../services/payments/dispute-service.ts';
import { createRefundService } from '../services/payments/refund-service.ts';
import { createReconciliationService } from '../services/payments/reconciliation-service.ts';
import { createAudienceNames } from '../services/search/audience-names.ts';
import { createEngineChoice } from '../services/search/engine-choice.ts';
import { createWeightLearner } from '../services/search/learn-search-weights.ts';
import { createMerchandisingDesk } from '../services/search/merchandising-desk.ts';
import { createMerchandisingReader } from '../services/search/merchandising-reader.ts';
import { createProductSearch } from '../services/search/product-search.ts';
import { createProductFacts } from '../services/search/product-facts.ts';
import { createRecommender } from '../services/search/recommend-products.ts';
import { createSearchLog } from '../services/search/search-log.ts';
import { createShopperEventRecorder } from '../services/search/shopper-event-recorder.ts';
import { countAnswers } from './search-metrics.ts';
import { createMeaningDesk } from '../services/search/meaning-desk.ts';
import { createSearchDesk } from '../services/search/search-desk.ts';
import { createDeliveryDesk } from '../services/webhooks/delivery-desk.ts';
import { createEndpointDesk } from '../services/webhooks/endpoint-desk.ts';
import { createEventFeed } from '../services/webhooks/event-feed.ts';
import { createCheckoutProcess } from '../temporal/runtime/checkout-process.ts';
import { connectClient } from '../temporal/runtime/connection.ts';
import { createCollectionProcess } from '../temporal/runtime/collection-process.ts';
import { createDisputeProcess } from '../temporal/runtime/dispute-process.ts';
import { createFulfillmentProcess } from '../temporal/runtime/fulfillment-process.ts';
import { createOrderProcess } from '../temporal/runtime/order-process.ts';
import { createIncidentProcess } from '../temporal/runtime/incident-process.ts';
import { createAnalyticsProcess } from '../temporal/runtime/analytics-process.ts';
import { createReturnProcess } from '../temporal/runtime/return-process.ts';
import { createEmbedder } from '../adapters/embeddings/create-embedder.ts';
import { createRecommendationStore } from '../adapters/postgres/search/recommendations.ts';
import { loadStopWords } from '../adapters/stop-words.ts';
import { createWeightLearningProcess } from '../temporal/runtime/weight-learning-process.ts';
import { createReindexProcess } from '../temporal/runtime/reindex-process.ts';
import { createReconciliationProcess } from '../temporal/runtime/reconciliation-process.ts';
import { createPayloadCodec } from '../temporal/runtime/payload-codec.ts';
import { readinessParts } from './readiness-parts.ts';
import { mailPreview } from './rest/mail-preview.ts';
import { productImages } from './rest/product-images.ts';
import { shippingWebhooks } from './rest/shipping-webhooks.ts';
import { temporalCodec } from './rest/temporal-codec.ts';
import { createApiServer } from './server.ts';

/** How long a shopper or an operator waits for a workflow before being told to ask again. */
const ANSWER_WITHIN_MS = 20_000;

const EXPIRED_KEYS_EVERY_MS = 60_000;
const EXPIRED_KEYS_AT_ONCE = 5_000;

/** The channel on which each change of a checkout is told, with the cart's id. */
const CHECKOUT_CHANGED = 'checkout_changed';

async function main(): Promise<void> {
  readEnvFile();
  const config = loadConfig();
  const { postgres, hashSecret, adminApiKey, otlpEndpoint } = config;
  if (postgres.url === undefined) throw new ConfigError('DATABASE_URL must be set');
  if (hashSecret === undefined) throw new ConfigError('HASH_SECRET must be set');
  if (adminApiKey === undefined) throw new ConfigError('ADMIN_API_KEY must be set');
  const [payloadKey, ...retiredKeys] = config.payloadKeys;

  const logger = createLogger({ name: 'api', level: config.logLevel });
  const shutdown = createShutdown({ logger, timeoutMs: config.shutdownTimeoutMs });
  shutdown.listen();
  const tracing = await startTracing({ endpoint: otlpEndpoint, serviceName: 'headlesspro-api' });
  shutdown.onClose('tracing', () => tracing.stop());

  // The bridge to Temporal's traces brings a whole SDK with it: only where there are traces.
  const bridge = otlpEndpoint === undefined ? undefined : await import('../temporal/runtime/tracing.ts');
  const interceptors = bridge?.clientInterceptors(tracing) ?? [];
  const { client, connection } = await connectClient(config, { interceptors: { workflow: interceptors } });
  shutdown.onClose('Temporal connection', () => connection.close());

  const database = openDatabase({
    url: postgres.url,
    poolSize: postgres.poolSize,
    applicationName: 'headlesspro-api',
    onError: (err) => logger.warn({ err }, 'an idle database connection was lost'),
  });
  shutdown.onClose('database', () => database.close());
  const notifications = createNotifications({
    url: postgres.url,
    channel: CHECKOUT_CHANGED,
    applicationName: 'headlesspro-api-listener',
    onError: (err) => logger.warn({ err }, 'the listening database connection was lost; it is opened again'),
  });
  shutdown.onClose('notifications', () => notifications.close());

  const work = createUnitOfWork(database);
  const catalog = createCatalogStore(database);
  const gateways = createPaymentGateways(config, work);
  const shippingProviders = createShippingProviders(config);
  const embedder = createEmbedder(config.search.embeddings, (line) => logger.info(line));
  shutdown.onClose('embedder', async () => embedder?.close());
  const searchIndexes = createSearchIndexes(config, database, embedder);
  shutdown.onClose('search engines', () => searchIndexes.close());
  const merchandising = createMerchandisingReader({
    store: work.stores.merchandising,
    language: config.search.language,
    stopWords: loadStopWords,
    now: () => performance.now(),
    onFailure: (err) => logger.warn({ err }, 'what merchandisers say could not be read'),
  });
  const searchLog = createSearchLog({ store: work.stores.shopperEvents, onFailure: (err) => logger.warn({ err }, 'searches were not written down') });
  shutdown.onClose('search log', () => searchLog.close());
  const webhookSender = createWebhookSender(config.webhooks);
  shutdown.onClose('webhook sender', () => webhookSender.close());
  const fulfillmentProcess = createFulfillmentProcess(client, { answerWithinMs: ANSWER_WITHIN_MS });
  const returnProcess = createReturnProcess(client);
  const newId = createIdGenerator();
  const keyedHash = createKeyedHash(hashSecret);
  const registry = createMetrics({ role: 'api' });
  const search = createProductSearch({
    ask: countAnswers(
      registry,
      createEngineChoice({
        index: searchIndexes.first,
        standIn: searchIndexes.standIn,
        now: () => performance.now(),
        onFailure: (err) => logger.warn({ err }, 'the search engine does not answer; another stands in'),
      }),
    ),
    merchandising,
    embedder,
    multilingual: config.search.multilingual,
    language: config.search.language,
    leastSimilarity: config.search.leastSimilarity,
    log: searchLog,
    popular: (prefix, limit, scope) => work.stores.shopperEvents.popular(prefix, limit, scope),
    newId,
    now: () => new Date(),
    onFailure: (err) => logger.debug({ err }, 'a search was answered by its words alone'),
  });
  const carts = createCartService({ work, newId, now: () => new Date(), keyedHash });
  const checkoutProcess = createCheckoutProcess(client, { answerWithinMs: ANSWER_WITHIN_MS });
  const idempotencyStore = createIdempotencyStore(database);
  const sweep = setInterval(() => {
    idempotencyStore.deleteExpired(EXPIRED_KEYS_AT_ONCE).catch((err: unknown) => {
      logger.warn({ err }, 'expired idempotency keys were not deleted');
    });
  }, EXPIRED_KEYS_EVERY_MS);
  shutdown.onClose('idempotency keys', () => clearInterval(sweep));

  const server = await createApiServer({
    options: {
      port: config.http.port,
      host: config.http.host,
      trustProxy: config.http.trustProxy,
      secure: config.http.publicUrl.startsWith('https:'),
      adminApiKey,
      graphql: config.graphql,
      tracing: otlpEndpoint !== undefined,
      ownLocale: ownLocale(config.search.language),
    },
    services: {
      catalog: createCatalogService({ store: catalog, newId, ownLocale: ownLocale(config.search.language) }),
      channels: createChannelDesk({ work, newId }),
      carts,
      draftOrders: createDraftOrderDesk({ work, newId, now: () => new Date(), keyedHash, checkoutProcess, publicUrl: config.http.publicUrl }),
      checkouts: createCheckoutReader(work),
      checkoutChanges: { watch: notifications.listen },
      checkoutProcess,
      orders: createOrderReader(work),
      orderTracker: createOrderTracker({ work, keyedHash }),
      orderProcess: createOrderProcess(client, { answerWithinMs: ANSWER_WITHIN_MS }),
      orderEdits: createOrderEditService({ work, newId }),
      balances: createBalanceReader(work),
      collectionProcess: createCollectionProcess(client, { answerWithinMs: ANSWER_WITHIN_MS }),
      reorder: createReorder({ work, carts }),
      analytics: createAnalyticsDesk({ work, reader: createAnalyticsReader(database), process: createAnalyticsProcess(client) }),
      returns: createReturnDesk({ work, now: () => new Date() }),
      fulfillments: work.stores.fulfillments,
      timeline: createTimelineReader(database),
      fulfillmentProcess,
      fulfillmentProviders: shippingProviders,
      incidents: createIncidentService(work),
      reconciliation: createReconciliationService({
        work,
        gateways,
        reconciliation: createReconciliationProcess(client),
        incidents: createIncidentProcess(client, { answerWithinMs: ANSWER_WITHIN_MS }),
        newId,
        now: () => new Date(),
        ...config.reconciliation,
      }),
      notifications: createNotificationDesk({ work, renderer: createTemplateRenderer(), now: () => new Date() }),
      fraud: createFraudDesk({ work, newId, keyedHash, now: () => new Date() }),
      refunds: createRefundService({ work, gateways, newId, keyedHash }),
      disputes: createDisputeService({ work, gateways, newId, now: () => new Date() }),
      disputeReader: work.stores.disputes,
      disputeProcess: createDisputeProcess(client, { answerWithinMs: ANSWER_WITHIN_MS }),
      orderHolds: work.stores.orderHolds,
      refundReader: work.stores.refunds,
      customerGroups: createCustomerGroupDesk({ work, newId }),
      customers: createCustomerService({ work, newId, now: () => new Date() }),
      savedMethods: createSavedMethodService({ work, gateways, newId, now: () => new Date() }),
      storedValue: createStoredValueService({ work, newId, keyedHash, now: () => new Date() }),
      gateways,
      search,
      recommender: createRecommender({ store: createRecommendationStore(database), search }),
      shopperEvents: createShopperEventRecorder({ store: work.stores.shopperEvents, keyedHash }),
      productFacts: createProductFacts({ work }),
      merchandising: createMerchandisingDesk({
        work,
        learner: createWeightLearner({ events: work.stores.shopperEvents, store: work.stores.merchandising, index: searchIndexes.first, merchandising, now: () => new Date() }),
        process: createWeightLearningProcess(client),
        newId,
      }),
      audienceNames: createAudienceNames({ catalog, groups: work.stores.customerGroups, language: config.search.language }),
      searchDesk: createSearchDesk({ work, indexes: searchIndexes.all, source: createProductSource(database, embedder?.model ?? null), register: createDefinitionRegister(database), process: createReindexProcess(client), now: () => new Date() }),
      meanings: createMeaningDesk({ work, store: createEmbeddingStore(database), model: embedder?.model ?? null }),
      webhookEndpoints: createEndpointDesk({ work, sender: webhookSender, signer: webhookSigner, newId }),
      webhookDeliveries: createDeliveryDesk({ work, sender: webhookSender, newId }),
      webhookEvents: createEventFeed(work.stores),
      keyedHash,
      newId,
    },
    loadChannels: work.stores.channels.all,
    gateways,
    gatewayEvents: work.stores.gatewayEvents,
    idempotencyStore,
    routes: [
      productImages(),
      ...(config.mail.preview ? [mailPreview(createMailFolder(config.mail.folder))] : []),
      shippingWebhooks({
        providers: shippingProviders,
        async tell({ kind, id }) {
          // Of something else, such as another store's: there is nobody to wake.
          if (kind === 'fulfillment' && (await work.stores.fulfillments.get(id))) await fulfillmentProcess.notify(id);
          if (kind === 'return' && (await work.stores.returns.get(id))) await returnProcess.notify(id);
        },
      }),
      temporalCodec({
        codec: payloadKey && createPayloadCodec([payloadKey, ...retiredKeys]),
        adminApiKey,
        publicUrl: config.http.publicUrl,
        uiUrl: config.temporal.uiUrl,
        now: () => new Date(),
      }),
    ],
    readiness: readinessParts({
      pendingMigrations: () => pendingMigrations(database),
      connection,
      namespace: config.temporal.namespace,
    }),
    logger,
    registry,
  });
  shutdown.onClose('HTTP server', () => server.close());
  logger.info({ url: server.url }, 'the API listens');
}

main().catch((error: unknown) => {
  // One line for what a person can mend; the stack for everything else.
  console.error(error instanceof ConfigError ? `api: ${error.message}` : error);
  process.exit(1);
});
