import type { AdminClient } from '../shared/admin-client.ts';
import { Refused } from '../shared/inbox-worker.ts';
import type { DueMessage } from '../shared/inbox.ts';
import { toMinorUnits } from './money.ts';

type Row = Readonly<Record<string, string | undefined>>;

const VARIANT = 'query Variant($sku: String!) { product(sku: $sku) { variants { id sku } } }';
const SET_STOCK = 'mutation Set($input: StockLevelSetInput!) { answer: stockLevelSet(input: $input) { __typename ... on InputError { code message field } } }';
const SET_PRICE =
  'mutation Set($input: VariantPricesSetInput!) { answer: variantPricesSet(input: $input) { __typename ... on InputError { code message field } ... on VersionMismatch { code } } }';
const ORDER = 'query Order($number: String) { order(number: $number) { id version fulfillments { id status trackingNumber } lines { quantity fulfillmentQuantity } } }';
const FULFILL = 'mutation Send($input: OrderFulfillInput!) { answer: orderFulfill(input: $input) { __typename ... on InputError { code message field } ... on VersionMismatch { code } } }';
const MOVE = 'mutation Move($input: FulfillmentMoveInput!) { answer: fulfillmentMove(input: $input) { __typename ... on InputError { code message field } } }';

interface SentOrder {
  readonly id: string;
  readonly version: number;
  readonly fulfillments: readonly { readonly id: string; readonly status: string; readonly trackingNumber: string | null }[];
  readonly lines: readonly { readonly quantity: number; readonly fulfillmentQuantity: number }[];
}

function field(row: Row, name: string): string {
  const value = row[name] ?? '';
  if (value === '') throw new Refused(`${name}: is empty`);
  return value;
}

async function variantId(store: AdminClient, sku: string): Promise<string> {
  const { product } = await store.query<{ product: { variants: { id: string; sku: string }[] } | null }>(VARIANT, { sku });
  const found = product?.variants.find((variant) => variant.sku === sku);
  if (!found) throw new Refused(`sku: the store has no ${sku}`);
  return found.id;
}

async function setStock(store: AdminClient, row: Row, key: string): Promise<void> {
  const onHand = field(row, 'on_hand');
  if (!/^\d{1,9}$/.test(onHand)) throw new Refused(`on_hand: ${JSON.stringify(onHand)} is no whole number`);
  const input = { variantId: await variantId(store, field(row, 'sku')), location: field(row, 'location'), onHand: Number(onHand), reason: 'ERP' };
  await store.mutate(SET_STOCK, input, key);
}

async function setPrice(store: AdminClient, row: Row, key: string): Promise<void> {
  const currency = field(row, 'currency').toUpperCase();
  const amount = toMinorUnits(field(row, 'amount'), currency);
  await store.mutate(SET_PRICE, { variantId: await variantId(store, field(row, 'sku')), prices: [{ currency, amount }] }, key);
}

const readOrder = async (store: AdminClient, number: string): Promise<SentOrder> => {
  const { order } = await store.query<{ order: SentOrder | null }>(ORDER, { number });
  if (!order) throw new Refused(`order_number: the store has no order ${number}`);
  return order;
};

/** What of the order is not in a parcel yet leaves in one; every open parcel has left. */
async function ship(store: AdminClient, row: Row, key: string): Promise<void> {
  const number = field(row, 'order_number');
  const tracking = { carrier: field(row, 'carrier'), trackingNumber: field(row, 'tracking_number'), ...(row['tracking_url'] ? { trackingUrl: row['tracking_url'] } : {}) };
  let order = await readOrder(store, number);
  if (order.fulfillments.some(({ trackingNumber }) => trackingNumber === tracking.trackingNumber)) return;
  if (order.lines.some(({ quantity, fulfillmentQuantity }) => fulfillmentQuantity < quantity)) {
    await store.mutate(FULFILL, { orderId: order.id, version: order.version, actor: store.actor }, `${key}/fulfill/${order.version}`);
    order = await readOrder(store, number);
  }
  const open = order.fulfillments.filter(({ status }) => ['PENDING', 'PICKING', 'PACKED'].includes(status));
  if (open.length === 0) throw new Refused(`order_number: nothing of ${number} is left to be sent`);
  for (const { id } of open) await store.mutate(MOVE, { fulfillmentId: id, to: 'SHIPPED', ...tracking, actor: store.actor }, `${key}/ship/${id}`);
}

/** Does what one row of a file says. Raises `Refused` naming the column, or anything else to be called again. */
export async function applyRow(store: AdminClient, { kind, body, id }: Pick<DueMessage, 'kind' | 'body' | 'id'>): Promise<void> {
  const row = body as Row;
  switch (kind) {
    case 'stock':
      return setStock(store, row, `erp/${id}`);
    case 'prices':
      return setPrice(store, row, `erp/${id}`);
    case 'tracking':
      return ship(store, row, `erp/${id}`);
    default:
      throw new Refused(`There is no such kind of row: ${kind}`);
  }
}
