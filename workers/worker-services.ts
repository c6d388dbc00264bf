import { createPaymentActivities } from '../activities/payments/payment.activities.ts';
import { createCheckoutActivities } from '../activities/checkout/checkout.activities.ts';
import { createDisputeActivities } from '../activities/payments/dispute.activities.ts';
import { createDeliveryActivities } from '../activities/webhooks/delivery.activities.ts';
import { createReconciliationActivities } from '../activities/payments/reconciliation.activities.ts';
import { createSweepActivities } from '../activities/checkout/sweep.activities.ts';
import { createAnalyticsActivities } from '../activities/orders/analytics.activities.ts';
import { createCollectionActivities } from '../activities/orders/collection.activities.ts';
import { createFulfillmentActivities } from '../activities/orders/fulfillment.activities.ts';
import { createOrderActivities } from '../activities/orders/order.activities.ts';
import { createReturnActivities } from '../activities/orders/return.activities.ts';
import type { ActorStarter } from '../domain/checkout/actor-starter.ts';
import type { AnalyticsCounter } from '../domain/orders/analytics/analytics-store.ts';
import type { CollectionStarter } from '../domain/orders/collections/collection-process.ts';
import type { FulfillmentProcess } from '../domain/orders/fulfillment-process.ts';
import type { FulfillmentProviders } from '../domain/orders/fulfillment-providers.ts';
import type { MailRenderer } from '../domain/orders/notifications/mail-content.ts';
import type { Mailer } from '../domain/orders/notifications/mailer.ts';
import type { OrderProcess } from '../domain/orders/order-process.ts';
import type { Gateways } from '../domain/payments/gateways.ts';
import type { DisputeStarter } from '../domain/payments/dispute-starter.ts';
import type { InboxEvent } from '../domain/payments/gateway-event-inbox.ts';
import type { DeliveryStarter } from '../domain/webhooks/delivery-starter.ts';
import type { Lane } from '../domain/webhooks/webhook-stores.ts';
import type { IdGenerator } from '../domain/shared/ids.ts';
import { createKeyedHash } from '../services/checkout/cart-tokens.ts';
import { createCheckoutService } from '../services/checkout/checkout-service.ts';
import type { ScorerUse } from '../services/checkout/fraud/ask-scorer.ts';
import { createAnalyticsRollUp } from '../services/orders/analytics/roll-up.ts';
import { createBackorderAllocator } from '../services/orders/allocate-backorders.ts';
import { createCollectionService, type BalancePolicy } from '../services/orders/collections/collection-service.ts';
import { createCollectionTries } from '../services/orders/collections/collection-tries.ts';
import { createCompensateIncident } from '../services/orders/incidents/compensate-incident.ts';
import { createNotificationSender, type NotificationSenderDeps } from '../services/orders/notifications/send-notifications.ts';
import { createOrderCommands } from '../services/orders/order-commands.ts';
import { createOrderService } from '../services/orders/order-service.ts';
import { createProviderParcels } from '../services/orders/provider-parcels.ts';
import { createReturnKeeper } from '../services/orders/returns/return-keeper.ts';
import { createCheckoutPayments } from '../services/payments/checkout-payments.ts';
import { createOrderPayments } from '../services/payments/order-payments.ts';
import { createDisputeService } from '../services/payments/dispute-service.ts';
import { createAdoptPayment } from '../services/payments/incidents/adopt-payment.ts';
import { createMoneyCommands } from '../services/payments/incidents/money-commands.ts';
import { createPaymentIncidents } from '../services/payments/incidents/payment-incidents.ts';
import { createRetryIncident } from '../services/payments/incidents/retry-incident.ts';
import { createReturnUnknownPayment } from '../services/payments/incidents/return-unknown-payment.ts';
import { createGatewayReconciler, type ReconciliationSpan } from '../services/payments/reconcile-gateway.ts';
import { createPaymentRefresher } from '../services/payments/refresh-payment.ts';
import { createRefundService } from '../services/payments/refund-service.ts';
import { createRenewAuthorizations } from '../services/payments/renew-authorizations.ts';
import { createReturnMoney } from '../services/payments/return-money.ts';
import { createGatewayEventRouter } from '../services/payments/route-gateway-events.ts';
import { createLaneWorker } from '../services/webhooks/deliver-lane.ts';
import { createEventFanOut } from '../services/webhooks/fan-out-events.ts';
import { createLaneActor } from '../services/webhooks/lane-actor.ts';
import { createLanePool } from '../services/webhooks/lane-pool.ts';
import type { SendDeps } from '../services/webhooks/send-delivery.ts';
import { createOrderActorStarter } from '../services/webhooks/start-order-actors.ts';
import type { Work } from '../services/stores.ts';
import type { EventShaper } from '../services/webhooks/shape.ts';
import { createSearchActivities } from '../activities/search/search.activities.ts';
import { createSearchUpkeepActivities } from '../activities/search/search-upkeep.activities.ts';
import { invalid } from '../domain/shared/errors.ts';
import type { ProductSource } from '../domain/search/product-source.ts';
import type { ReindexProcess } from '../domain/search/reindex-process.ts';
import type { ShopperEventStore } from '../domain/search/shopper-event-store.ts';
import type { RecommendationStore } from '../domain/search/recommendations.ts';
import type { DefinitionRegister } from '../domain/search/definition-register.ts';
import type { RefusedDocument, SearchIndex } from '../domain/search/search-index.ts';
import type { WeightLearner } from '../services/search/learn-search-weights.ts';
import { createProductIndexer } from '../services/search/index-products.ts';
import { createIndexRebuilder } from '../services/search/rebuild-index.ts';
import { createIndexEnsurer } from '../services/search/ensure-index.ts';
import { createLogPruner } from '../services/webhooks/prune-log.ts';

export interface WorkerDeps {
  readonly work: Work;
  readonly analytics: AnalyticsCounter;
  readonly gateways: Gateways;
  readonly actors: ActorStarter;
  readonly disputes: DisputeStarter;
  readonly collections: CollectionStarter;
  readonly balances: BalancePolicy;
  readonly orderProcess: OrderProcess;
  readonly fulfillmentProcess: FulfillmentProcess;
  readonly fulfillmentProviders: FulfillmentProviders;
  readonly newId: IdGenerator;
  readonly hashSecret: string;
  readonly reconciliation: ReconciliationSpan;
  readonly scorer?: ScorerUse | undefined;
  readonly mailer: Mailer;
  readonly mailRenderer: MailRenderer;
  /** The address that mails come from. */
  readonly mailFrom: string;
  readonly onMailFailure: NotificationSenderDeps['onFailure'];
  readonly webhooks: SendDeps & { readonly shaper: EventShaper } & { readonly sendsAtOnce: number; readonly logDays: number; readonly onFree: () => void; readonly onError: (error: unknown, lane: Lane) => void };
  readonly deliveries: DeliveryStarter;
  readonly search: {
    readonly indexes: readonly SearchIndex[];
    readonly source: ProductSource;
    readonly definitions: DefinitionRegister;
    readonly reindexing: ReindexProcess;
    /** Hear of products that were written since they had changed, and of documents that an engine does not take. */
    readonly onIndexed: (engine: string, products: number) => void;
    readonly onRefused: (engine: string, refused: readonly RefusedDocument[]) => void;
    readonly recommendations: RecommendationStore;
    readonly events: ShopperEventStore;
    readonly learner: WeightLearner;
    /** For so long single searches and shoppers' events are kept. */
    readonly logDays: number;
  };
  /** By which the time for webhooks is reckoned; absent: the real time. */
  readonly webhookClock?: () => Date;
  /** Hears of gateway events that could not be handed on. */
  readonly onGatewayEventError: (error: unknown, event: InboxEvent) => void;
}

/** What a worker does, put together: the activities of each task queue and the batches of its relays. */
export function createWorkerServices(deps: WorkerDeps) {
  const { work, gateways, actors, newId, search } = deps;
  const now = (): Date => new Date();
  const keyedHash = createKeyedHash(deps.hashSecret);
  const orders = createOrderService({ work, newId, now });
  const orderCommands = createOrderCommands({ work, newId, now });
  const checkouts = createCheckoutService({ work, newId, now, keyedHash, scorer: deps.scorer });
  const orderPayments = createOrderPayments({ work, gateways, newId });
  const refunds = createRefundService({ work, gateways, newId, keyedHash });
  const refresher = createPaymentRefresher({ work, gateways, newId });
  const incidents = createPaymentIncidents({
    work,
    retry: createRetryIncident({
      work,
      gateways,
      actors,
      refresher,
      money: createMoneyCommands({ work, orderProcess: deps.orderProcess }),
      parcels: deps.fulfillmentProcess,
    }),
    compensate: createCompensateIncident({ work, orders: deps.orderProcess, newId }),
    adopt: createAdoptPayment({ work, gateways, actors, newId }),
    giveBack: createReturnUnknownPayment({ work, gateways }),
  });
  const reconciler = createGatewayReconciler({ work, gateways, actors, refresher, newId, now, ...deps.reconciliation });
  const lanes = createLaneWorker({ ...deps.webhooks, work, newId });
  const paymentActivities = createPaymentActivities({
    checkouts,
    checkoutPayments: createCheckoutPayments({ work, gateways }),
    orderPayments,
    refunds,
    refresher,
    renewAuthorizations: createRenewAuthorizations({ work, gateways, newId }),
    returnMoney: createReturnMoney({ work, gateways, refunds, newId }),
  });
  return {
    activities: {
      checkout: { ...createCheckoutActivities({ checkouts, orders }), ...paymentActivities },
      orders: {
        ...createOrderActivities({ orders, orderCommands, orderPayments, refunds }),
        ...createFulfillmentActivities(
          createProviderParcels({ work, providers: deps.fulfillmentProviders, orders: deps.orderProcess, fulfillments: deps.fulfillmentProcess, newId }),
        ),
        ...createAnalyticsActivities(createAnalyticsRollUp(deps.analytics)),
        ...createReturnActivities(createReturnKeeper({ work, orders: deps.orderProcess, providers: deps.fulfillmentProviders, newId })),
        ...createCollectionActivities(
          createCollectionService({ work, gateways, newId, now, keyedHash, policy: deps.balances }),
          createCollectionTries({ work, gateways, newId }),
        ),
        ...createDisputeActivities(createDisputeService({ work, gateways, newId, now })),
        ...createReconciliationActivities({ gateways, reconciler, incidents }),
        ...createSweepActivities({ stores: work.stores, actors }),
        ...paymentActivities,
      },
      webhooks: createDeliveryActivities(createLaneActor({ work, lanes, clock: deps.webhookClock ?? now })),
      search: {
        ...createSearchActivities((engine) => {
          const index = search.indexes.find((each) => each.engine === engine);
          if (!index) throw invalid('engine', 'There is no such search engine here');
          return createIndexRebuilder({ source: search.source, index });
        }),
        ...createSearchUpkeepActivities({
          events: search.events,
          merchandising: work.stores.merchandising,
          recommendations: search.recommendations,
          learner: search.learner,
          newId,
          keepDays: search.logDays,
        }),
      },
    },
    webhooks: createLanePool({ work, lanes, actors: deps.deliveries, ...deps.webhooks, atOnce: deps.webhooks.sendsAtOnce, now: deps.webhookClock ?? now }),
    indexers: search.indexes.map((index) => ({
      engine: index.engine,
      follow: createProductIndexer({
        source: search.source,
        index,
        onRefused: (refused) => search.onRefused(index.engine, refused),
        onIndexed: (products) => search.onIndexed(index.engine, products),
      }),
      ensure: createIndexEnsurer({ index, register: search.definitions, process: search.reindexing, now }),
    })),
    relays: {
      events: createEventFanOut({ work, newId, shaper: deps.webhooks.shaper }),
      webhookLog: createLogPruner({ work, keepDays: deps.webhooks.logDays, now: deps.webhookClock ?? now }),
      backorders: createBackorderAllocator({ work, newId }),
      orderActors: createOrderActorStarter({ work, actors }),
      notifications: createNotificationSender({
        work,
        mailer: deps.mailer,
        renderer: deps.mailRenderer,
        fromAddress: deps.mailFrom,
        newId,
        onFailure: deps.onMailFailure,
      }),
      gatewayEvents: createGatewayEventRouter({ work, actors, disputes: deps.disputes, collections: deps.collections, newId, now, onError: deps.onGatewayEventError }),
    },
  };
}
