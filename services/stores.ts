import type { InventoryStore } from '../domain/catalog/inventory-store.ts';
import type { CartStore } from '../domain/checkout/cart-store.ts';
import type { CheckoutStore } from '../domain/checkout/checkout-store.ts';
import type { AuditLog } from '../domain/orders/audit-log.ts';
import type { IncidentStore } from '../domain/orders/incident.ts';
import type { OrderStore } from '../domain/orders/order-store.ts';
import type { GatewayEventQueue } from '../domain/payments/gateway-event-inbox.ts';
import type { PaymentStore } from '../domain/payments/payment-store.ts';
import type { UnitOfWork } from '../domain/shared/unit-of-work.ts';
import type { OutboxStore } from '../domain/webhooks/outbox-store.ts';

/** The stores that the use cases of checkout, orders and payments share; one set for each transaction. */
export interface Stores {
  readonly carts: CartStore;
  readonly checkouts: CheckoutStore;
  readonly inventory: InventoryStore;
  readonly orders: OrderStore;
  readonly payments: PaymentStore;
  readonly outbox: OutboxStore;
  readonly gatewayEvents: GatewayEventQueue;
  readonly incidents: IncidentStore;
  readonly audit: AuditLog;
}

export type Work = UnitOfWork<Stores>;
