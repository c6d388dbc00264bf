import type { Order, OrderLine } from './order.ts';

type SnapshotLine = { readonly orderLineId: string } & Pick<
  OrderLine,
  | 'variantId'
  | 'sku'
  | 'productTitle'
  | 'variantTitle'
  | 'quantity'
  | 'canceledQuantity'
  | 'fulfillmentQuantity'
  | 'shippedQuantity'
  | 'deliveredQuantity'
  | 'returnedQuantity'
  | 'refundedQuantity'
  | 'unitAmount'
  | 'discount'
  | 'tax'
  | 'total'
>;

/** An order as events tell of it: without addresses and other persons' data. Amounts in minor units of `currency`. */
export type OrderSnapshot = Pick<
  Order,
  | 'number'
  | 'channelId'
  | 'customerId'
  | 'currency'
  | 'status'
  | 'paymentStatus'
  | 'fulfillmentStatus'
  | 'returnStatus'
  | 'subtotal'
  | 'discount'
  | 'shipping'
  | 'tax'
  | 'total'
  | 'pricesIncludeTax'
> & {
  readonly lines: readonly SnapshotLine[];
  /** ISO 8601 UTC. */
  readonly placedAt: string;
};

/** The order for the payload of an event. */
export function orderSnapshot(order: Order): OrderSnapshot {
  const { number, channelId, customerId, currency, status, paymentStatus, fulfillmentStatus, returnStatus } = order;
  const { subtotal, discount, shipping, tax, total, pricesIncludeTax } = order;
  return {
    ...{ number, channelId, customerId, currency, status, paymentStatus, fulfillmentStatus, returnStatus },
    ...{ subtotal, discount, shipping, tax, total, pricesIncludeTax },
    lines: order.lines.map((line) => ({
      orderLineId: line.id,
      variantId: line.variantId,
      sku: line.sku,
      productTitle: line.productTitle,
      variantTitle: line.variantTitle,
      quantity: line.quantity,
      canceledQuantity: line.canceledQuantity,
      fulfillmentQuantity: line.fulfillmentQuantity,
      shippedQuantity: line.shippedQuantity,
      deliveredQuantity: line.deliveredQuantity,
      returnedQuantity: line.returnedQuantity,
      refundedQuantity: line.refundedQuantity,
      unitAmount: line.unitAmount,
      discount: line.discount,
      tax: line.tax,
      total: line.total,
    })),
    placedAt: order.placedAt.toISOString(),
  };
}

/** Units of an order's lines, with the article that a warehouse knows them by. */
export const snapshotUnits = (
  { lines }: { readonly lines: readonly Pick<OrderLine, 'id' | 'variantId' | 'sku'>[] },
  units: readonly { readonly orderLineId: string; readonly quantity: number }[],
): { orderLineId: string; variantId: string; sku: string; quantity: number }[] =>
  units.flatMap(({ orderLineId, quantity }) => {
    const line = lines.find(({ id }) => id === orderLineId);
    return line ? [{ orderLineId, variantId: line.variantId, sku: line.sku, quantity }] : [];
  });
