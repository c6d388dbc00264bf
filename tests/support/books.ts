import assert from 'node:assert/strict';
import { ephemeral, type Database } from '../../adapters/postgres/database.ts';
import { waitFor } from './wait-for.ts';
import type { TestStore } from './store.ts';

const all = <Row>(database: Database, text: string): Promise<Row[]> => database.rows<Row>(ephemeral(text));

/** Waits until no checkout is running and no money is on its way back. */
export async function settled(store: TestStore, timeoutMs = 60_000): Promise<void> {
  await waitFor(
    async () => {
      const [row] = await all<{ open: number }>(
        store.database,
        `SELECT (SELECT count(*) FROM checkouts WHERE status = 'processing')
           + (SELECT count(*) FROM orders WHERE status = 'canceling')
           + (SELECT count(*) FROM payments p JOIN checkouts k ON k.id = p.checkout_id WHERE k.status IN ('declined', 'rejected', 'expired', 'canceled', 'failed')
               AND (p.status IN ('pending', 'requires_action', 'authorized') OR p.captured > p.refunded + p.credited))
           + (SELECT count(*) FROM refunds WHERE status = 'pending') + (SELECT count(*) FROM payment_operations WHERE status = 'pending' AND kind IN ('capture', 'void')) AS open`,
      );
      return row?.open === 0;
    },
    { what: 'every checkout to end and every payment to be settled', timeoutMs, everyMs: 100 },
  );
}

/** The stock ledger adds up to the levels, nothing is oversold, and only running checkouts hold anything. */
export async function assertStockBalances(database: Database): Promise<void> {
  const wrong = await all(
    database,
    `SELECT l.id FROM stock_levels l JOIN (SELECT stock_level_id, sum(on_hand_delta) o, sum(allocated_delta) a, sum(held_delta) h FROM stock_movements GROUP BY 1) m
       ON m.stock_level_id = l.id WHERE (l.on_hand, l.allocated, l.held) IS DISTINCT FROM (m.o::int, m.a::int, m.h::int) OR l.on_hand < l.allocated + l.held`,
  );
  assert.deepEqual(wrong, [], 'the ledger adds up to the stock levels');
  const left = await all(
    database,
    `SELECT k.id, k.status FROM stock_holds h JOIN checkouts k ON k.id = h.checkout_id
     WHERE h.status = 'held' AND k.status NOT IN ('processing', 'action_required', 'in_review')`,
  );
  assert.deepEqual(left, [], 'no hold is left behind');
}

/** What orders have allocated is what the shelves say, and the counts of each line are those of its parcels. */
export async function assertFulfillmentsSound(database: Database): Promise<void> {
  const shelves = await all(
    database,
    `SELECT l.id, l.allocated, h.units FROM stock_levels l LEFT JOIN LATERAL (
       SELECT coalesce(sum(quantity), 0)::int AS units FROM stock_holds WHERE stock_level_id = l.id AND status = 'committed') h ON true WHERE l.allocated <> h.units`,
  );
  assert.deepEqual(shelves, [], 'what is allocated on each shelf is what orders have there');
  const lines = await all(
    database,
    `SELECT l.id, l.fulfillment_quantity, l.shipped_quantity, l.delivered_quantity, f.* FROM order_lines l LEFT JOIN LATERAL (
       SELECT coalesce(sum(x.quantity) FILTER (WHERE f.status NOT IN ('canceled', 'returned_to_sender')), 0)::int AS parcels,
         coalesce(sum(x.quantity) FILTER (WHERE f.status IN ('shipped', 'delivered')), 0)::int AS shipped,
         coalesce(sum(x.quantity) FILTER (WHERE f.status = 'delivered'), 0)::int AS delivered
       FROM fulfillment_lines x JOIN fulfillments f ON f.id = x.fulfillment_id WHERE x.order_line_id = l.id) f ON true
     WHERE (l.fulfillment_quantity, l.shipped_quantity, l.delivered_quantity) IS DISTINCT FROM (f.parcels, f.shipped, f.delivered)`,
  );
  assert.deepEqual(lines, [], 'the counts of each line are those of its parcels');
  const unsent = await all(
    database,
    `SELECT o.id, want.item, want.units, coalesce(have.units, 0) AS allocated FROM orders o CROSS JOIN LATERAL (
       SELECT p ->> 'inventoryItemId' AS item, sum((l.quantity - l.shipped_quantity) * (p ->> 'quantity')::int)::int AS units
       FROM order_lines l, jsonb_array_elements(l.inventory) p WHERE l.order_id = o.id GROUP BY 1) want
     LEFT JOIN LATERAL (
       SELECT (SELECT coalesce(sum(h.quantity), 0) FROM stock_holds h JOIN stock_levels s ON s.id = h.stock_level_id
           WHERE h.checkout_id = o.checkout_id AND h.status = 'committed' AND s.inventory_item_id = want.item)
         + (SELECT coalesce(sum(b.quantity), 0) FROM backorders b WHERE b.checkout_id = o.checkout_id AND b.inventory_item_id = want.item AND b.status = 'waiting') AS units) have ON true
     WHERE o.status IN ('placed', 'completed') AND want.units <> coalesce(have.units, 0)`,
  );
  assert.deepEqual(unsent, [], 'what an order has yet to send is allocated to it, or waits for stock');
}

/** One order a cart at most, order numbers without a gap, and each payment as its order says. */
export async function assertOrdersSound(database: Database): Promise<void> {
  const doubles = await all(database, 'SELECT cart_id FROM orders GROUP BY 1 HAVING count(*) > 1');
  assert.deepEqual(doubles, [], 'one order a cart');
  const gaps = await all(database, 'SELECT channel_id FROM orders GROUP BY 1 HAVING max(sequence) - min(sequence) + 1 <> count(*)');
  assert.deepEqual(gaps, [], 'order numbers have no gap');
  const unpaid = await all(
    database,
    `SELECT o.id, o.payment_status, o.total, p.* FROM orders o LEFT JOIN LATERAL (SELECT coalesce(sum(captured), 0) AS captured,
         coalesce(sum(refunded + credited), 0) AS back FROM payments WHERE order_id = o.id) p ON true
     WHERE NOT CASE o.payment_status WHEN 'captured' THEN p.captured = o.total - o.exchange_credit AND p.back = 0 WHEN 'partially_captured' THEN p.captured BETWEEN 1 AND o.total - o.exchange_credit - 1 AND p.back = 0
       WHEN 'partially_refunded' THEN p.back BETWEEN 1 AND p.captured - 1 WHEN 'refunded' THEN p.back = p.captured ELSE p.captured = 0 END`,
  );
  assert.deepEqual(unpaid, [], 'each order is paid as it says');
  const uneven = await all(
    database,
    `SELECT p.id, p.refunded, p.refund_pending, p.credited, r.* FROM payments p LEFT JOIN LATERAL (
         SELECT coalesce(sum(amount) FILTER (WHERE status = 'succeeded'), 0) AS done, coalesce(sum(amount) FILTER (WHERE status = 'pending'), 0) AS pending,
           coalesce(sum(amount) FILTER (WHERE status = 'credited'), 0) AS given FROM refund_parts WHERE payment_id = p.id) r ON true
     WHERE (p.refunded, p.refund_pending, p.credited) IS DISTINCT FROM (r.done::bigint, r.pending::bigint, r.given::bigint)
       OR p.refunded + p.refund_pending + p.credited > p.captured`,
  );
  assert.deepEqual(uneven, [], 'the refunds of each payment add up, and never exceed what was captured');
}

/** The gateway's ledger and ours agree to the cent: one charge for an order that stands, nothing for anything else. */
export async function assertMoneyAgrees(store: TestStore): Promise<void> {
  const orders = new Map(
    (
      await all<{ id: string; status: string; captured: number; net: number; open: boolean }>(
        store.database,
        `SELECT o.id, o.status, coalesce(sum(p.captured), 0)::bigint AS captured, coalesce(sum(p.captured - p.refunded), 0)::bigint AS net,
           coalesce(bool_or(p.status = 'authorized'), false) AS open FROM orders o LEFT JOIN payments p ON p.order_id = o.id AND p.gateway = 'stripe' GROUP BY o.id`,
      )
    ).map((order) => [order.id, order]),
  );
  const seen = new Set<string>();
  for (const entry of await gatewayEntries(store)) {
    const order = orders.get(entry.orderId);
    seen.add(entry.orderId);
    assert.equal(entry.net, order?.net ?? 0, `net charge of ${entry.orderId} (${order?.status ?? 'no order'})`);
    if (order && order.captured > 0) assert.equal(entry.charges, 1, `one charge for ${entry.orderId}`);
    if (!order?.open) assert.equal(entry.open, 0, `no authorization is left open for ${entry.orderId}`);
  }
  for (const order of orders.values()) assert.ok(order.captured === 0 || seen.has(order.id), `${order.id} is charged at the gateway`);
}

/** All of the above. */
export async function assertBooks(store: TestStore): Promise<void> {
  await settled(store);
  await assertStockBalances(store.database);
  await assertFulfillmentsSound(store.database);
  await assertOrdersSound(store.database);
  await assertMoneyAgrees(store);
}

/** What the gateway's own ledger says of one order, over all its payments: minor units. */
interface GatewayEntry {
  readonly orderId: string;
  /** Payments that were captured. */
  charges: number;
  net: number;
  /** Authorized, neither captured nor released. */
  open: number;
}

async function gatewayEntries(store: TestStore): Promise<GatewayEntry[]> {
  const byOrder = new Map<string, GatewayEntry>();
  for await (const { metadata, captured, net, authorized } of store.gateway.ledger()) {
    const orderId = metadata['order_id'] ?? 'none';
    const entry = byOrder.get(orderId) ?? { orderId, charges: 0, net: 0, open: 0 };
    byOrder.set(orderId, entry);
    if (captured > 0) entry.charges += 1;
    entry.net += net;
    entry.open += authorized;
  }
  return [...byOrder.values()];
}
