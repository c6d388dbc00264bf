import type { AdminClient } from '../shared/admin-client.ts';
import type { LogisticsApi, LogisticsOrder } from './logistics-api.ts';

const FULFILLMENT = 'query Parcel($id: ID!) { fulfillment(id: $id) { id orderId status provider } }';
const MOVE = 'mutation Move($input: FulfillmentMoveInput!) { answer: fulfillmentMove(input: $input) { __typename ... on InputError { code message field } } }';
const NOTE = 'mutation Note($input: OrderNoteAddInput!) { answer: orderNoteAdd(input: $input) { __typename ... on InputError { code message field } } }';
const OPEN =
  'query Open($after: String, $status: FulfillmentState) { fulfillments(first: 100, after: $after, status: $status) { nodes { id provider } pageInfo { hasNextPage endCursor } } }';

interface Parcel {
  readonly id: string;
  readonly orderId: string;
  readonly status: 'PENDING' | 'PICKING' | 'PACKED' | 'SHIPPED' | 'DELIVERED' | 'RETURNED_TO_SENDER' | 'CANCELED';
  readonly provider: string;
}

/** How far a parcel is, in the store's words. */
const WAY: readonly Parcel['status'][] = ['PENDING', 'PICKING', 'PACKED', 'SHIPPED', 'DELIVERED'];
const WORDS: Readonly<Partial<Record<LogisticsOrder['status'], Parcel['status']>>> = {
  OPEN: 'PENDING',
  PICKING: 'PICKING',
  PACKED: 'PACKED',
  DISPATCHED: 'SHIPPED',
  DELIVERED: 'DELIVERED',
  RETURNED: 'RETURNED_TO_SENDER',
};
/** Parcels that an operator would pack; those of other providers are followed by the store itself. */
export const OURS = 'manual';

/** Writes a note on the order, once for each key. */
export const tellOperator = async (store: AdminClient, orderId: string, text: string, key: string): Promise<void> => {
  await store.mutate(NOTE, { orderId, text, actor: store.actor }, key);
};

/**
 * Brings the store up to where the parcel is. Events only say that there is news: what it is, is asked at the warehouse, so that
 * events may come twice, late and in any order.
 */
export async function followParcel(store: AdminClient, logistics: LogisticsApi, fulfillmentId: string): Promise<void> {
  const there = await logistics.find(fulfillmentId);
  const { fulfillment } = await store.query<{ fulfillment: Parcel | null }>(FULFILLMENT, { id: fulfillmentId });
  if (!there || !fulfillment || fulfillment.provider !== OURS) return;
  const { id, orderId, status } = fulfillment;
  const to = WORDS[there.status];
  if (to === undefined) {
    if (status !== 'CANCELED') await tellOperator(store, orderId, `The warehouse says ${there.status}${there.message === null ? '' : `: ${there.message}`}`, `${id}/${there.status}`);
    return;
  }
  const move = async (step: Parcel['status']): Promise<void> => {
    const tracking = step === 'SHIPPED' && there.parcel ? there.parcel : {};
    await store.mutate(MOVE, { fulfillmentId: id, to: step, ...tracking, actor: store.actor }, `${id}/${step}`);
  };
  if (to === 'RETURNED_TO_SENDER') {
    if (status !== 'SHIPPED' && WAY.indexOf(status) >= 0 && WAY.indexOf(status) < WAY.indexOf('SHIPPED')) await move('SHIPPED');
    if (status !== 'RETURNED_TO_SENDER') await move(to);
    return;
  }
  const [from, until] = [WAY.indexOf(status), WAY.indexOf(to)];
  if (from < 0) return;
  for (const step of WAY.slice(from + 1, until + 1)) await move(step);
}

/** Follows every parcel that has not arrived: what no event has told. */
export async function followAll(store: AdminClient, logistics: LogisticsApi): Promise<void> {
  for (const status of WAY.slice(0, -1)) {
    let after: string | null = null;
    do {
      const page: { fulfillments: { nodes: { id: string; provider: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } = await store.query(OPEN, { after, status });
      const { nodes, pageInfo } = page.fulfillments;
      for (const { id, provider } of nodes) if (provider === OURS) await followParcel(store, logistics, id);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
  }
}
