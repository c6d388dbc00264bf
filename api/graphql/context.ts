import type { Audience } from '../../domain/catalog/audience.ts';
import type { CatalogService } from '../../domain/catalog/catalog-service.ts';
import type { Channel } from '../../domain/catalog/channel.ts';
import type { CartService } from '../../domain/checkout/cart-service.ts';
import type { CheckoutChanges } from '../../domain/checkout/checkout-changes.ts';
import type { CheckoutProcess } from '../../domain/checkout/checkout.ts';
import type { CheckoutReader } from '../../domain/checkout/checkout-reader.ts';
import type { DraftOrderDesk } from '../../domain/checkout/draft-order-desk.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import type { CustomerService, SavedMethodService } from '../../domain/customers/customer-service.ts';
import type { IncidentService } from '../../domain/orders/incident-service.ts';
import type { CollectionProcess } from '../../domain/orders/collections/collection-process.ts';
import type { FulfillmentProcess } from '../../domain/orders/fulfillment-process.ts';
import type { FulfillmentStore } from '../../domain/orders/fulfillment-store.ts';
import type { NotificationDesk } from '../../domain/orders/notifications/notification.ts';
import type { OrderProcess } from '../../domain/orders/order-process.ts';
import type { OrderReader } from '../../domain/orders/order-reader.ts';
import type { OrderTracker } from '../../domain/orders/order-tracking.ts';
import type { TimelineReader } from '../../domain/orders/timeline.ts';
import type { RefundStore } from '../../domain/payments/refund-store.ts';
import type { StoredValueService } from '../../domain/payments/stored-value-service.ts';
import type { DisputeProcess } from '../../domain/payments/dispute-process.ts';
import type { DisputeStore, OrderHoldStore } from '../../domain/payments/dispute-record.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import type { ReconciliationService } from '../../domain/payments/reconciliation-service.ts';
import type { DomainError } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Logger } from '../../platform/logger.ts';
import type { DisputeService } from '../../services/payments/dispute-service.ts';
import type { RefundService } from '../../services/payments/refund-service.ts';
import type { BalanceReader } from '../../services/orders/collections/balance-reader.ts';
import type { OrderEditService } from '../../services/orders/edits/order-edit-service.ts';
import type { Reorder } from '../../services/orders/edits/reorder.ts';
import type { AnalyticsDesk } from '../../services/orders/analytics/analytics-desk.ts';
import type { ReturnDesk } from '../../services/orders/returns/return-desk.ts';
import type { KeyedHash } from '../../services/checkout/cart-tokens.ts';
import type { AudienceNames } from '../../services/search/audience-names.ts';
import type { MeaningDesk } from '../../services/search/meaning-desk.ts';
import type { SearchDesk } from '../../services/search/search-desk.ts';
import type { MerchandisingDesk } from '../../services/search/merchandising-desk.ts';
import type { ProductFacts } from '../../services/search/product-facts.ts';
import type { ProductSearch } from '../../services/search/product-search.ts';
import type { Recommender } from '../../services/search/recommend-products.ts';
import type { ShopperEventRecorder } from '../../services/search/shopper-event-recorder.ts';
import type { DeliveryDesk } from '../../services/webhooks/delivery-desk.ts';
import type { EndpointDesk } from '../../services/webhooks/endpoint-desk.ts';
import type { EventFeed } from '../../services/webhooks/event-feed.ts';
import type { ChannelDesk } from '../../services/catalog/channel-desk.ts';
import type { CustomerGroupDesk } from '../../services/customers/customer-groups.ts';
import type { FraudDesk } from '../../services/checkout/fraud/fraud-desk.ts';

/** What the resolvers work with, the same for every request. */
export interface ApiServices {
  readonly catalog: CatalogService;
  readonly channels: ChannelDesk;
  readonly carts: CartService;
  readonly draftOrders: DraftOrderDesk;
  readonly checkouts: CheckoutReader;
  readonly checkoutChanges: CheckoutChanges;
  readonly checkoutProcess: CheckoutProcess;
  readonly orders: OrderReader;
  readonly orderTracker: OrderTracker;
  readonly orderProcess: OrderProcess;
  readonly orderEdits: OrderEditService;
  readonly balances: BalanceReader;
  readonly collectionProcess: CollectionProcess;
  readonly reorder: Reorder;
  readonly returns: ReturnDesk;
  readonly analytics: AnalyticsDesk;
  readonly fulfillments: Pick<FulfillmentStore, 'get' | 'list'>;
  readonly fulfillmentProcess: FulfillmentProcess;
  readonly timeline: TimelineReader;
  readonly fulfillmentProviders: { readonly names: readonly string[] };
  readonly fraud: FraudDesk;
  readonly notifications: NotificationDesk;
  readonly refunds: Pick<RefundService, 'preview' | 'get'>;
  readonly refundReader: Pick<RefundStore, 'list'>;
  readonly storedValue: StoredValueService;
  readonly disputes: Pick<DisputeService, 'prepare'>;
  readonly disputeReader: Pick<DisputeStore, 'get' | 'list' | 'ofOrder'>;
  readonly disputeProcess: DisputeProcess;
  readonly orderHolds: Pick<OrderHoldStore, 'active'>;
  readonly customers: CustomerService;
  readonly customerGroups: CustomerGroupDesk;
  readonly savedMethods: SavedMethodService;
  readonly gateways: Gateways;
  readonly incidents: IncidentService;
  readonly reconciliation: ReconciliationService;
  readonly search: ProductSearch;
  readonly searchDesk: SearchDesk;
  readonly meanings: MeaningDesk;
  readonly recommender: Recommender;
  readonly shopperEvents: ShopperEventRecorder;
  readonly productFacts: ProductFacts;
  readonly merchandising: MerchandisingDesk;
  readonly audienceNames: AudienceNames;
  readonly webhookEndpoints: EndpointDesk;
  readonly webhookDeliveries: DeliveryDesk;
  readonly webhookEvents: EventFeed;
  readonly keyedHash: KeyedHash;
  readonly newId: IdGenerator;
}

/** One request's `Idempotency-Key`, once it is known to be of use. */
export interface RequestKey {
  /** Equal for equal requests: makes a repeated command the same command further down. */
  readonly commandId: string;
  /** A resolver clears it when its answer is not the last word, so that the next request with the key asks anew. */
  keepAnswer: boolean;
}

/** What a resolver gets. */
export interface RequestContext extends ApiServices {
  readonly requestId: string;
  /** By this id the log, and the trace if there is one, tell of the request. */
  readonly traceId: string;
  readonly log: Logger;
  /** The one that the header `x-channel` names, or the first. */
  readonly channel: Channel;
  /** In which the answer is: one of the channel's, by the header `x-locale`. */
  readonly locale: string;
  /** For whom products are shown: the channel, the locale, and the groups of the customer whose token came; on the admin API the whole catalog. */
  audience(): Promise<Audience>;
  /** The headers `x-channel` and `x-locale` as they came, if one did. */
  readonly audienceHeaders: readonly string[];
  /** Of the client, as the outermost trusted proxy saw it. */
  readonly networkAddress: string;
  /** The header `x-customer-token` as it came. */
  readonly customerToken: string | undefined;
  /** Whose token came with the request. Raises UNAUTHENTICATED when none did, or it is over. */
  customer(): Promise<Customer>;
  /** The same; undefined when no token came, or it is over. */
  shopper(): Promise<Customer | undefined>;
  /** The header as it came; checked. */
  readonly idempotencyKey: string | undefined;
  /** Set when the variables held a card number: what every query and mutation of the request is answered with. */
  readonly refusal?: DomainError;
  /** Set by the idempotency plugin before the resolvers run. */
  requestKey?: RequestKey;
}
