import type { Stores, Work } from '../../services/stores.ts';
import { createCartStore } from './carts.ts';
import { createCheckoutStore } from './checkouts.ts';
import type { Database, Sql } from './database.ts';
import { createGatewayEventQueue } from './gateway-events.ts';
import { createAuditLog, createIncidentStore } from './incidents.ts';
import { createInventoryStore } from './inventory.ts';
import { createOrderStore } from './orders.ts';
import { createOutboxStore } from './outbox.ts';
import { createPaymentStore } from './payments.ts';

const storesOver = (sql: Sql): Stores => ({
  carts: createCartStore(sql),
  checkouts: createCheckoutStore(sql),
  inventory: createInventoryStore(sql),
  orders: createOrderStore(sql),
  payments: createPaymentStore(sql),
  outbox: createOutboxStore(sql),
  gatewayEvents: createGatewayEventQueue(sql),
  incidents: createIncidentStore(sql),
  audit: createAuditLog(sql),
});

/** Transactions over the stores in Postgres. */
export function createUnitOfWork(database: Database): Work {
  return {
    stores: storesOver(database),
    transaction: (work) => database.transaction((sql) => work(storesOver(sql))),
  };
}
