import type { Fulfillment } from '../../domain/orders/fulfillment.ts';
import type { FulfillmentStore } from '../../domain/orders/fulfillment-store.ts';
import { prepared, type Sql, type Statement } from './database.ts';
import { newestFirst } from './paging.ts';

/** A fulfillment as a JSON object, for lists inside an order as well. */
export const FULFILLMENT_JSON = `json_build_object('id', f.id, 'orderId', f.order_id, 'number', f.number, 'locationId', f.location_id, 'status', f.status,
  'provider', f.provider, 'providerRef', f.provider_ref, 'service', f.service, 'carrier', f.carrier, 'trackingNumber', f.tracking_number,
  'trackingUrl', f.tracking_url, 'labelUrl', f.label_url, 'createdBy', f.created_by, 'createdAt', f.created_at, 'shippedAt', f.shipped_at,
  'deliveredAt', f.delivered_at, 'canceledAt', f.canceled_at, 'cancelReason', f.cancel_reason,
  'lines', (SELECT coalesce(json_agg(json_build_object('orderLineId', x.order_line_id, 'quantity', x.quantity) ORDER BY x.order_line_id), '[]')
    FROM fulfillment_lines x WHERE x.fulfillment_id = f.id))`;

type Instants = 'createdAt' | 'shippedAt' | 'deliveredAt' | 'canceledAt';

/** A fulfillment that came through JSON: its instants are text. */
export type FulfillmentJson = Omit<Fulfillment, Instants> & { createdAt: string } & Record<Exclude<Instants, 'createdAt'>, string | null>;

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** Makes instants of the texts. */
export const fromFulfillmentJson = (json: FulfillmentJson): Fulfillment => ({
  ...json,
  createdAt: new Date(json.createdAt),
  shippedAt: instant(json.shippedAt),
  deliveredAt: instant(json.deliveredAt),
  canceledAt: instant(json.canceledAt),
});

const CONTENTS = `lines AS (
    INSERT INTO fulfillment_lines (fulfillment_id, order_line_id, quantity)
    SELECT $1, x."orderLineId", x.quantity FROM jsonb_to_recordset($2) AS x ("orderLineId" text, quantity int)
  )
  INSERT INTO fulfillment_items (fulfillment_id, stock_level_id, quantity)
  SELECT $1, x."levelId", x.quantity FROM jsonb_to_recordset($3) AS x ("levelId" text, quantity int)`;

// The order is locked, so no two take the same number.
const INSERT = prepared(`WITH fulfillment AS (
    INSERT INTO fulfillments (id, order_id, number, location_id, status, provider, service, created_by)
    SELECT $1, $4, coalesce(max(number), 0) + 1, $5, 'pending', $6, $7, $8 FROM fulfillments WHERE order_id = $4
  ), ${CONTENTS}`);
const REPLACE_CONTENTS = prepared(`WITH ${CONTENTS}`);
const DELETE_CONTENTS = prepared(`WITH lines AS (DELETE FROM fulfillment_lines WHERE fulfillment_id = $1) DELETE FROM fulfillment_items WHERE fulfillment_id = $1`);

const select = (rest: string): Statement => prepared(`SELECT f.id, ${FULFILLMENT_JSON} AS fulfillment FROM fulfillments f WHERE ${rest}`);
const GET = select('f.id = $1');
const OF_ORDER = select('f.order_id = $1 ORDER BY f.number');
const BY_PROVIDER_REF = select('f.provider = $1 AND f.provider_ref = $2');
const LIST = select(`($1::text IS NULL OR f.id < $1) AND ($3::text IS NULL OR f.status = $3) AND ($4::text IS NULL OR f.location_id = $4)
  ORDER BY f.id DESC LIMIT $2`);
const ITEMS = prepared(`SELECT i.stock_level_id AS "levelId", l.inventory_item_id AS "inventoryItemId", i.quantity FROM fulfillment_items i
  JOIN stock_levels l ON l.id = i.stock_level_id WHERE i.fulfillment_id = $1 ORDER BY i.stock_level_id`);
const UPDATE = prepared(`UPDATE fulfillments SET status = coalesce($2, status), provider_ref = coalesce($3, provider_ref),
    cancel_reason = coalesce($4, cancel_reason), carrier = coalesce($5, carrier), tracking_number = coalesce($6, tracking_number),
    tracking_url = coalesce($7, tracking_url), label_url = coalesce($8, label_url), updated_at = now(),
    shipped_at = CASE WHEN $2 = 'shipped' THEN coalesce(shipped_at, now()) ELSE shipped_at END,
    delivered_at = CASE WHEN $2 = 'delivered' THEN coalesce(delivered_at, now()) ELSE delivered_at END,
    canceled_at = CASE WHEN $2 = 'canceled' THEN coalesce(canceled_at, now()) ELSE canceled_at END
  WHERE id = $1`);

/** Parcels in Postgres. */
export function createFulfillmentStore(sql: Sql): FulfillmentStore {
  type Row = { id: string; fulfillment: FulfillmentJson };
  const all = async (statement: Statement, values: unknown[]): Promise<Fulfillment[]> =>
    (await sql.rows<Row>(statement, values)).map((row) => fromFulfillmentJson(row.fulfillment));
  return {
    async insert({ id, lines, items, orderId, locationId, provider, service, createdBy }) {
      await sql.run(INSERT, [id, JSON.stringify(lines), JSON.stringify(items), orderId, locationId, provider, service, createdBy]);
    },
    get: async (id) => (await all(GET, [id]))[0],
    ofOrder: (orderId) => all(OF_ORDER, [orderId]),
    findByProviderRef: async (provider, providerRef) => (await all(BY_PROVIDER_REF, [provider, providerRef]))[0],
    async list(page, filter) {
      const found = await newestFirst<Row>(sql, LIST, page, [filter.status ?? null, filter.locationId ?? null]);
      return { ...found, items: found.items.map((row) => fromFulfillmentJson(row.fulfillment)) };
    },
    async update(id, { status, providerRef, cancelReason, carrier, trackingNumber, trackingUrl, labelUrl }) {
      const values = [status, providerRef, cancelReason, carrier, trackingNumber, trackingUrl, labelUrl];
      await sql.run(UPDATE, [id, ...values.map((value) => value ?? null)]);
    },
    async replaceContents(id, { lines, items }) {
      await sql.run(DELETE_CONTENTS, [id]);
      await sql.run(REPLACE_CONTENTS, [id, JSON.stringify(lines), JSON.stringify(items)]);
    },
    items: (id) => sql.rows<{ levelId: string; inventoryItemId: string; quantity: number }>(ITEMS, [id]),
  };
}
