import type { Order, OrderLine } from '../../../domain/orders/order.ts';
import type { OrderHead } from '../../../domain/orders/order-store.ts';
import { MANUAL_PROVIDER, type FulfillmentLine } from '../../../domain/orders/fulfillment.ts';
import { planFulfillments, type LineToShip } from '../../../domain/orders/plan-fulfillments.ts';
import { capturable } from '../../../domain/payments/payment.ts';
import { DomainError, invalid, notFound } from '../../../domain/shared/errors.ts';
import type { CommandContext, CommandHandler } from './command-handler.ts';
import { requireNoHold, requirePlaced } from './require-placed.ts';
import { snapshotUnits } from '../../../domain/orders/order-snapshot.ts';

/** Units of the line that are in no parcel yet. */
const openUnits = (line: OrderLine): number => line.quantity - line.fulfillmentQuantity;

/** What was asked for, checked against the order: everything that is open when nothing was. */
function linesToShip(order: Order, wished: readonly FulfillmentLine[] | undefined): LineToShip[] {
  if (wished === undefined) {
    return order.lines
      .filter((line) => openUnits(line) > 0)
      .map((line) => ({ orderLineId: line.id, quantity: openUnits(line), inventory: line.inventory }));
  }
  return wished.map(({ orderLineId, quantity }, index) => {
    const line = order.lines.find(({ id }) => id === orderLineId);
    if (!line) throw invalid(`lines.${index}.orderLineId`, 'The order has no such line');
    if (wished.findIndex((other) => other.orderLineId === orderLineId) !== index) throw invalid(`lines.${index}.orderLineId`, 'The line is named twice');
    if (!Number.isSafeInteger(quantity) || quantity < 1) throw invalid(`lines.${index}.quantity`, 'Must be 1 or more');
    if (quantity > openUnits(line)) {
      throw new DomainError('INVALID_TRANSITION', `Only ${openUnits(line)} of the line can still be sent`, `lines.${index}.quantity`);
    }
    return { orderLineId, quantity, inventory: line.inventory };
  });
}

/** Nothing leaves the house that nobody pays for: what is taken or authorized must reach the total, and not all of it be back. */
function requireCovered({ paymentStatus, total }: OrderHead, { payments }: Order, allowUnpaid: boolean): void {
  const paid = payments.reduce((sum, payment) => sum + payment.captured + (payment.status === 'authorized' ? capturable(payment) : 0), 0);
  const covered = paid >= total && paymentStatus !== 'failed' && paymentStatus !== 'refunded';
  if (!covered && !allowUnpaid) {
    throw new DomainError('INVALID_TRANSITION', `The order's payment is ${paymentStatus}; say allowUnpaid to send it all the same`, 'orderId');
  }
}

async function preferredLocations({ stores }: CommandContext, wished: string | undefined): Promise<string[]> {
  const locations = (await stores.inventory.locations()).map(({ id }) => id);
  if (wished === undefined) return locations;
  if (!locations.includes(wished)) throw invalid('locationId', 'There is no such stock location');
  return [wished];
}

/** Makes parcels of units that are allocated: one for each location that holds some of them. */
export const fulfill: CommandHandler<'fulfill'> = async (context, command) => {
  const { stores, order, newId } = context;
  requirePlaced(order);
  await requireNoHold(stores, order.id);
  const whole = await stores.orders.get(order.id);
  if (!whole) throw notFound('The order', 'orderId');
  requireCovered(order, whole, command.allowUnpaid ?? false);

  const lines = linesToShip(whole, command.lines);
  const plan = planFulfillments(lines, await stores.inventory.allocated(order.checkoutId), await preferredLocations(context, command.locationId));
  const [unplaced] = plan.left;
  if (unplaced && command.lines !== undefined) {
    const index = command.lines.findIndex(({ orderLineId }) => orderLineId === unplaced.orderLineId);
    throw new DomainError('INVALID_TRANSITION', `${unplaced.quantity} of the line are not there to be sent`, `lines.${index}.quantity`);
  }
  if (plan.parcels.length === 0) throw new DomainError('INVALID_TRANSITION', 'Nothing of the order can be sent now', 'orderId');

  const ids: string[] = [];
  for (const parcel of plan.parcels) {
    const id = newId('fulfillment');
    ids.push(id);
    await stores.fulfillments.insert({
      ...parcel,
      id,
      orderId: order.id,
      provider: command.provider,
      service: command.service ?? null,
      createdBy: command.actor,
    });
    await stores.orders.moveUnits(
      order.id,
      parcel.lines.map(({ orderLineId, quantity }) => ({ orderLineId, inFulfillment: quantity })),
    );
    await stores.outbox.append({
      id: newId('event'),
      type: 'fulfillment.created',
      aggregateId: order.id,
      payload: {
        orderId: order.id,
        orderNumber: whole.number,
        fulfillmentId: id,
        locationId: parcel.locationId,
        provider: command.provider,
        service: command.service ?? null,
        lines: snapshotUnits(whole, parcel.lines),
        shippingAddress: whole.shippingAddress,
        shippingMethodName: whole.shippingMethodName,
      },
    });
  }
  return {
    ids,
    children: command.provider === MANUAL_PROVIDER ? [] : ids.map((id) => ({ kind: 'fulfillment' as const, id })),
    detail: { fulfillmentIds: ids, provider: command.provider },
  };
};
