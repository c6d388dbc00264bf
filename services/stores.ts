import type { InventoryStore } from '../domain/catalog/inventory-store.ts';
import type { CartStore } from '../domain/checkout/cart-store.ts';
import type { CheckoutStore } from '../domain/checkout/checkout-store.ts';
import type { DraftOrderStore } from '../domain/checkout/draft-order-store.ts';
import type { FraudStores } from '../domain/checkout/fraud/fraud-stores.ts';
import type { CustomerStore } from '../domain/customers/customer.ts';
import type { SavedMethodStore } from '../domain/customers/saved-method.ts';
import type { AuditLog } from '../domain/orders/audit-log.ts';
import type { CollectionStore } from '../domain/orders/collections/collection-store.ts';
import type { OrderEditStore } from '../domain/orders/edits/order-edit-store.ts';
import type { FulfillmentStore } from '../domain/orders/fulfillment-store.ts';
import type { IncidentStore } from '../domain/orders/incident.ts';
import type { OrderCommandStore } from '../domain/orders/order-command-store.ts';
import type { NotificationStore } from '../domain/orders/notifications/notification.ts';
import type { OrderStore } from '../domain/orders/order-store.ts';
import type { OrderTrackingStore } from '../domain/orders/order-tracking.ts';
import type { ReturnStore } from '../domain/orders/returns/return-store.ts';
import type { GatewayEventQueue } from '../domain/payments/gateway-event-inbox.ts';
import type { IncidentOperationStore } from '../domain/payments/incident-operation.ts';
import type { DisputeStore, OrderHoldStore } from '../domain/payments/dispute-record.ts';
import type { HousePaymentStore } from '../domain/payments/house-payment.ts';
import type { StoredValueStore } from '../domain/payments/stored-value.ts';
import type { PaymentStore } from '../domain/payments/payment-store.ts';
import type { ReconciliationStore } from '../domain/payments/reconciliation-store.ts';
import type { RefundStore } from '../domain/payments/refund-store.ts';
import type { UnitOfWork } from '../domain/shared/unit-of-work.ts';
import type { OutboxStore } from '../domain/webhooks/outbox-store.ts';
import type { WebhookDeliveryStore, WebhookEndpointStore, WebhookLaneStore } from '../domain/webhooks/webhook-stores.ts';

/** The stores that the use cases of checkout, orders and payments share; one set for each transaction. */
export interface Stores {
  readonly carts: CartStore;
  readonly draftOrders: DraftOrderStore;
  readonly checkouts: CheckoutStore;
  readonly fraud: FraudStores;
  readonly inventory: InventoryStore;
  readonly orders: OrderStore;
  readonly orderTracking: OrderTrackingStore;
  readonly orderCommands: OrderCommandStore;
  readonly orderEdits: OrderEditStore;
  readonly collections: CollectionStore;
  readonly fulfillments: FulfillmentStore;
  readonly payments: PaymentStore;
  readonly refunds: RefundStore;
  readonly returns: ReturnStore;
  readonly customers: CustomerStore;
  readonly savedMethods: SavedMethodStore;
  readonly disputes: DisputeStore;
  readonly orderHolds: OrderHoldStore;
  readonly storedValue: StoredValueStore;
  readonly housePayments: HousePaymentStore;
  readonly outbox: OutboxStore;
  readonly webhookEndpoints: WebhookEndpointStore;
  readonly webhookDeliveries: WebhookDeliveryStore;
  readonly webhookLanes: WebhookLaneStore;
  /** Mails that are due to customers. */
  readonly notifications: NotificationStore;
  readonly gatewayEvents: GatewayEventQueue;
  readonly incidents: IncidentStore;
  readonly incidentOperations: IncidentOperationStore;
  readonly reconciliation: ReconciliationStore;
  readonly audit: AuditLog;
}

export type Work = UnitOfWork<Stores>;
