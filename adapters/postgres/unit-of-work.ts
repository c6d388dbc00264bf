import type { Stores, Work } from '../../services/stores.ts';
import { createCartStore } from './carts.ts';
import { createChannelStore } from './channels.ts';
import { createCheckoutStore } from './checkouts.ts';
import { createCollectionStore } from './collections.ts';
import { createCustomerGroupStore } from './customer-groups.ts';
import { createCustomerStore, createSavedMethodStore } from './customers.ts';
import type { Database, Sql } from './database.ts';
import { createDraftOrderStore } from './draft-orders.ts';
import { createFraudStores } from './fraud.ts';
import { createFulfillmentStore } from './fulfillments.ts';
import { createGatewayEventQueue } from './gateway-events.ts';
import { createAuditLog, createIncidentStore } from './incidents.ts';
import { createIncidentOperationStore } from './incident-operations.ts';
import { createDisputeStore, createOrderHoldStore } from './disputes.ts';
import { createHousePaymentStore } from './house-payments.ts';
import { createInventoryStore } from './inventory.ts';
import { createOrderCommandStore } from './order-commands.ts';
import { createOrderEditStore } from './order-edits.ts';
import { createOrderStore } from './orders.ts';
import { createOrderTrackingStore } from './order-tracking.ts';
import { createNotificationStore } from './order-notifications.ts';
import { createOutboxStore } from './outbox.ts';
import { createPaymentStore } from './payments.ts';
import { createReconciliationStore } from './reconciliation.ts';
import { createRefundStore } from './refunds.ts';
import { createReturnStore } from './returns.ts';
import { createMerchandisingStore } from './search/merchandising.ts';
import { createProductFactStore } from './search/product-facts.ts';
import { createShopperEventStore } from './search/shopper-events.ts';
import { createStoredValueStore } from './stored-value.ts';
import { createWebhookDeliveryStore } from './webhook-deliveries.ts';
import { createWebhookEndpointStore } from './webhook-endpoints.ts';
import { createWebhookLaneStore } from './webhook-lanes.ts';

const storesOver = (sql: Sql): Stores => ({
  channels: createChannelStore(sql),
  carts: createCartStore(sql),
  draftOrders: createDraftOrderStore(sql),
  checkouts: createCheckoutStore(sql),
  fraud: createFraudStores(sql),
  inventory: createInventoryStore(sql),
  orders: createOrderStore(sql),
  orderTracking: createOrderTrackingStore(sql),
  orderCommands: createOrderCommandStore(sql),
  orderEdits: createOrderEditStore(sql),
  collections: createCollectionStore(sql),
  fulfillments: createFulfillmentStore(sql),
  payments: createPaymentStore(sql),
  refunds: createRefundStore(sql),
  returns: createReturnStore(sql),
  customers: createCustomerStore(sql),
  customerGroups: createCustomerGroupStore(sql),
  savedMethods: createSavedMethodStore(sql),
  disputes: createDisputeStore(sql),
  orderHolds: createOrderHoldStore(sql),
  storedValue: createStoredValueStore(sql),
  housePayments: createHousePaymentStore(sql),
  merchandising: createMerchandisingStore(sql),
  productFacts: createProductFactStore(sql),
  shopperEvents: createShopperEventStore(sql),
  outbox: createOutboxStore(sql),
  webhookEndpoints: createWebhookEndpointStore(sql),
  webhookDeliveries: createWebhookDeliveryStore(sql),
  webhookLanes: createWebhookLaneStore(sql),
  notifications: createNotificationStore(sql),
  gatewayEvents: createGatewayEventQueue(sql),
  incidents: createIncidentStore(sql),
  incidentOperations: createIncidentOperationStore(sql),
  reconciliation: createReconciliationStore(sql),
  audit: createAuditLog(sql),
});

/** Transactions over the stores in Postgres. */
export function createUnitOfWork(database: Database): Work {
  return {
    stores: storesOver(database),
    transaction: (work) => database.transaction((sql) => work(storesOver(sql))),
  };
}
