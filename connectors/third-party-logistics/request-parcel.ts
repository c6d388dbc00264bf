import type { AdminClient } from '../shared/admin-client.ts';
import { Refused } from '../shared/inbox-worker.ts';
import { OURS, tellOperator } from './follow-parcel.ts';
import { TooLate, type LogisticsApi } from './logistics-api.ts';

const ORDER = 'query Order($id: ID) { order(id: $id) { totals { total { amount currency } } lines { id productTitle } } }';
const FULFILLMENT = 'query Parcel($id: ID!) { fulfillment(id: $id) { status } }';

/** What we read of `fulfillment.created`; see schema/events. */
export interface CreatedParcel {
  readonly orderId: string;
  readonly orderNumber: string;
  readonly fulfillmentId: string;
  readonly locationId: string;
  readonly provider: string;
  readonly lines: readonly { readonly orderLineId: string; readonly sku: string; readonly quantity: number }[];
  readonly shippingAddress: Readonly<Record<string, string | undefined>>;
  readonly shippingMethodName: string;
}

interface OrderToSend {
  readonly totals: { readonly total: { readonly amount: number; readonly currency: string } };
  readonly lines: readonly { readonly id: string; readonly productTitle: string }[];
}

/** Asks the warehouse to send a parcel; a second time it is the same one. */
export async function requestParcel(store: AdminClient, logistics: LogisticsApi, parcel: CreatedParcel): Promise<void> {
  if (parcel.provider !== OURS) return;
  const { fulfillment } = await store.query<{ fulfillment: { status: string } | null }>(FULFILLMENT, { id: parcel.fulfillmentId });
  // Canceled before we got to it.
  if (fulfillment?.status !== 'PENDING') return;
  const { order } = await store.query<{ order: OrderToSend | null }>(ORDER, { id: parcel.orderId });
  if (!order) throw new Refused(`The store has no order ${parcel.orderId}`);
  const { total } = order.totals;
  const to = parcel.shippingAddress;
  const request = {
    externalId: parcel.fulfillmentId,
    orderNumber: parcel.orderNumber,
    warehouse: parcel.locationId,
    shippingMethod: parcel.shippingMethodName,
    recipient: {
      ...{ firstName: to['firstName'], lastName: to['lastName'], company: to['company'], address1: to['line1'], address2: to['line2'] },
      ...{ city: to['city'], region: to['region'], zip: to['postalCode'], country: to['countryCode'], phone: to['phone'] },
    },
    positions: parcel.lines.map(({ orderLineId, sku, quantity }) => ({ sku, quantity, name: order.lines.find(({ id }) => id === orderLineId)?.productTitle ?? sku })),
    goodsValue: { minorUnits: total.amount, currency: total.currency },
  };
  try {
    await logistics.create(request, parcel.fulfillmentId);
  } catch (error) {
    if (error instanceof Refused) await tellOperator(store, parcel.orderId, `The warehouse does not take the parcel: ${error.message}`, `${parcel.fulfillmentId}/refused`);
    throw error;
  }
}

/** Stops a parcel that was canceled in the store; when it is too late, somebody is told. */
export async function stopParcel(store: AdminClient, logistics: LogisticsApi, { orderId, fulfillmentId, provider }: Pick<CreatedParcel, 'orderId' | 'fulfillmentId' | 'provider'>): Promise<void> {
  const there = provider === OURS ? await logistics.find(fulfillmentId) : undefined;
  if (!there || there.status === 'CANCELLED' || there.status === 'REJECTED') return;
  try {
    await logistics.cancel(there.orderId);
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
    await tellOperator(store, orderId, 'The warehouse could not stop the parcel any more: it comes back, or must be paid for', `${fulfillmentId}/too_late`);
  }
}
