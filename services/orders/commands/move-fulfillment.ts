import {
  fulfillmentTransitions,
  isOpenFulfillment,
  type Fulfillment,
  type FulfillmentLine,
} from '../../../domain/orders/fulfillment.ts';
import { orderFulfillmentStatus } from '../../../domain/orders/order-status.ts';
import type { OrderChange, UnitMove } from '../../../domain/orders/order-store.ts';
import { DomainError, invalid, notFound } from '../../../domain/shared/errors.ts';
import type { CommandContext, CommandHandler, CommandOf } from './command-handler.ts';
import { requireNoHold } from './require-placed.ts';
import { snapshotUnits } from '../../../domain/orders/order-snapshot.ts';
import { readOrder } from '../tell-of-order.ts';
import { tellOfShelves } from '../tell-of-shelves.ts';

type Move = CommandOf<'move_fulfillment'>;

const EVENTS = {
  picking: 'fulfillment.picking',
  packed: 'fulfillment.packed',
  shipped: 'fulfillment.shipped',
  delivered: 'fulfillment.delivered',
  returned_to_sender: 'fulfillment.returned_to_sender',
  canceled: 'fulfillment.canceled',
} as const satisfies Record<Move['to'], string>;

/** How the counts of the parcel's lines change. */
function unitMoves(lines: readonly FulfillmentLine[], to: Move['to']): UnitMove[] {
  return lines.map(({ orderLineId, quantity }) => {
    switch (to) {
      case 'shipped':
        return { orderLineId, shipped: quantity };
      case 'delivered':
        return { orderLineId, delivered: quantity };
      case 'returned_to_sender':
        return { orderLineId, shipped: -quantity, inFulfillment: -quantity };
      case 'canceled':
        return { orderLineId, inFulfillment: -quantity };
      case 'picking':
      case 'packed':
        return { orderLineId };
    }
  });
}

/** The parcel left with less than planned: the rest is open again, and still allocated. Tells what it really holds. */
async function shorten({ stores, order }: CommandContext, parcel: Fulfillment, shipped: readonly FulfillmentLine[]): Promise<readonly FulfillmentLine[]> {
  shipped.forEach(({ orderLineId, quantity }, index) => {
    const planned = parcel.lines.find((line) => line.orderLineId === orderLineId);
    if (!planned) throw invalid(`lines.${index}.orderLineId`, 'The fulfillment has no such line');
    if (!Number.isSafeInteger(quantity) || quantity < 0 || quantity > planned.quantity) {
      throw invalid(`lines.${index}.quantity`, `Must be 0 to ${planned.quantity}`);
    }
  });
  const missing = parcel.lines.map(({ orderLineId, quantity }) => ({
    orderLineId,
    quantity: quantity - (shipped.find((line) => line.orderLineId === orderLineId)?.quantity ?? 0),
  }));
  const lines = shipped.filter(({ quantity }) => quantity > 0);
  if (lines.length === 0) throw invalid('lines', 'Nothing was shipped: cancel the fulfillment instead');
  if (missing.every(({ quantity }) => quantity === 0)) return parcel.lines;

  const whole = await stores.orders.get(order.id);
  const left = new Map<string, number>();
  for (const { orderLineId, quantity } of missing) {
    for (const part of whole?.lines.find(({ id }) => id === orderLineId)?.inventory ?? []) {
      left.set(part.inventoryItemId, (left.get(part.inventoryItemId) ?? 0) + part.quantity * quantity);
    }
  }
  const items = (await stores.fulfillments.items(parcel.id)).flatMap(({ levelId, inventoryItemId, quantity }) => {
    const less = Math.min(quantity, left.get(inventoryItemId) ?? 0);
    left.set(inventoryItemId, (left.get(inventoryItemId) ?? 0) - less);
    return quantity > less ? [{ levelId, quantity: quantity - less }] : [];
  });
  await stores.fulfillments.replaceContents(parcel.id, { lines, items });
  await stores.orders.moveUnits(
    order.id,
    missing.map(({ orderLineId, quantity }) => ({ orderLineId, inFulfillment: -quantity })),
  );
  return lines;
}

/** The order as its lines now are. */
async function restate({ stores, order }: CommandContext): Promise<OrderChange> {
  const whole = await stores.orders.get(order.id);
  if (!whole) throw notFound('The order', 'orderId');
  if (order.status === 'canceled') return {};
  const fulfillmentStatus = orderFulfillmentStatus(whole.lines);
  return { fulfillmentStatus, ...(fulfillmentStatus === 'delivered' ? { delivered: true } : {}) };
}

/** Notes that something happened to a parcel, with what that means for the shelves and for the order. */
export const moveFulfillment: CommandHandler<'move_fulfillment'> = async (context, command) => {
  const { stores, order, newId } = context;
  const { to, tracking = {}, reason } = command;
  const parcel = await stores.fulfillments.get(command.fulfillmentId);
  if (!parcel || parcel.orderId !== order.id) throw notFound('The fulfillment', 'fulfillmentId');
  if (parcel.status === to) {
    // News that came twice, or a better tracking number.
    await stores.fulfillments.update(parcel.id, tracking);
    return { ids: [parcel.id], detail: { fulfillmentId: parcel.id, to } };
  }
  fulfillmentTransitions.assertTransition(parcel.status, to);
  if (to === 'shipped' && !command.reported) {
    if (order.status !== 'placed') throw new DomainError('INVALID_TRANSITION', `The order is ${order.status}`, 'fulfillmentId');
    await requireNoHold(stores, order.id);
  }

  const lines = to === 'shipped' && command.lines ? await shorten(context, parcel, command.lines) : parcel.lines;
  await stores.fulfillments.update(parcel.id, { ...tracking, status: to, ...(reason === undefined ? {} : { cancelReason: reason }) });
  await stores.orders.moveUnits(order.id, unitMoves(lines, to));
  if (to === 'shipped') await tellOfShelves(stores, newId, 'shipment', await stores.inventory.ship(order.checkoutId, parcel.id));
  if (to === 'returned_to_sender') await tellOfShelves(stores, newId, 'return', await stores.inventory.unship(order.checkoutId, parcel.id));

  const known = { carrier: parcel.carrier, trackingNumber: parcel.trackingNumber, trackingUrl: parcel.trackingUrl, ...tracking };
  const whole = await readOrder(stores, order.id);
  await stores.outbox.append({
    id: newId('event'),
    type: EVENTS[to],
    aggregateId: order.id,
    payload: {
      orderId: order.id,
      orderNumber: whole.number,
      fulfillmentId: parcel.id,
      locationId: parcel.locationId,
      provider: parcel.provider,
      lines: snapshotUnits(whole, lines),
      carrier: known.carrier,
      trackingNumber: known.trackingNumber,
      trackingUrl: known.trackingUrl,
      ...(reason === undefined ? {} : { reason }),
    },
  });
  return {
    ids: [parcel.id],
    change: isOpenFulfillment(to) ? {} : await restate(context),
    detail: { fulfillmentId: parcel.id, to, ...(reason === undefined ? {} : { reason }) },
  };
};
