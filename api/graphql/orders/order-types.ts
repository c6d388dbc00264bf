import type { Address } from '../../../domain/checkout/address.ts';
import type { Totals } from '../../../domain/checkout/totals.ts';
import type { Fulfillment } from '../../../domain/orders/fulfillment.ts';
import type { Order, OrderLine, OrderPayment } from '../../../domain/orders/order.ts';
import { toEnum } from '../enum-names.ts';
import { toRefund } from '../payments/refund-types.ts';
import type {
  Address as GraphqlAddress,
  Fulfillment as GraphqlFulfillment,
  Order as GraphqlOrder,
  OrderLine as GraphqlOrderLine,
  Payment as GraphqlPayment,
  Totals as GraphqlTotals,
} from '../generated/storefront.ts';

export const toAddress = (address: Address): GraphqlAddress => ({
  firstName: address.firstName,
  lastName: address.lastName,
  company: address.company ?? null,
  line1: address.line1,
  line2: address.line2 ?? null,
  city: address.city,
  region: address.region ?? null,
  postalCode: address.postalCode,
  countryCode: address.countryCode,
  phone: address.phone ?? null,
});

/** What a cart and an order have in common of their sums. */
type Sums = Pick<Totals, 'currency' | 'subtotal' | 'discount' | 'shipping' | 'tax' | 'taxLines' | 'total' | 'pricesIncludeTax'>;

/** The sums of a cart or an order. */
export function toTotals(totals: Sums): GraphqlTotals {
  const money = (amount: number) => ({ amount, currency: totals.currency });
  return {
    subtotal: money(totals.subtotal),
    discount: money(totals.discount),
    shipping: money(totals.shipping),
    tax: money(totals.tax),
    taxLines: totals.taxLines.map(({ name, ratePpm, amount }) => ({ name, ratePpm, amount: money(amount) })),
    total: money(totals.total),
    pricesIncludeTax: totals.pricesIncludeTax,
  };
}

const toOrderLine = (line: OrderLine, currency: string): GraphqlOrderLine => ({
  id: line.id,
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
  unitPrice: { amount: line.unitAmount, currency },
  discount: { amount: line.discount, currency },
  tax: { amount: line.tax, currency },
  total: { amount: line.total, currency },
});

const toPayment = (payment: OrderPayment): GraphqlPayment => ({
  id: payment.id,
  gateway: payment.gateway,
  status: toEnum(payment.status),
  amount: { amount: payment.amount, currency: payment.currency },
  captured: { amount: payment.captured, currency: payment.currency },
  refunded: { amount: payment.refunded, currency: payment.currency },
  refundPending: { amount: payment.refundPending, currency: payment.currency },
  credited: { amount: payment.credited, currency: payment.currency },
  capturableUntil: payment.capturableUntil,
  cardBrand: payment.cardBrand,
  cardLast4: payment.cardLast4,
  createdAt: payment.createdAt,
});

const toFulfillment = (fulfillment: Fulfillment): GraphqlFulfillment => ({
  id: fulfillment.id,
  number: fulfillment.number,
  status: toEnum(fulfillment.status),
  lines: fulfillment.lines,
  carrier: fulfillment.carrier,
  trackingNumber: fulfillment.trackingNumber,
  trackingUrl: fulfillment.trackingUrl,
  createdAt: fulfillment.createdAt,
  shippedAt: fulfillment.shippedAt,
  deliveredAt: fulfillment.deliveredAt,
  canceledAt: fulfillment.canceledAt,
});

/** An order as both schemas show it, with what only the admin schema has a field for, and without what is read when it is asked for. */
export type ShownOrder = Omit<GraphqlOrder, 'returns' | 'returnOptions'> & { readonly tags: readonly string[] };

/** An order as both schemas show it. */
export const toOrder = (order: Order): ShownOrder => ({
  id: order.id,
  number: order.number,
  version: order.version,
  status: toEnum(order.status),
  paymentStatus: toEnum(order.paymentStatus),
  fulfillmentStatus: toEnum(order.fulfillmentStatus),
  returnStatus: toEnum(order.returnStatus),
  email: order.email,
  lines: order.lines.map((line) => toOrderLine(line, order.currency)),
  totals: toTotals(order),
  shippingAddress: toAddress(order.shippingAddress),
  billingAddress: toAddress(order.billingAddress),
  shippingMethodName: order.shippingMethodName,
  promotionCode: order.promotionCode,
  payments: order.payments.map(toPayment),
  refunds: order.refunds.map(toRefund),
  fulfillments: order.fulfillments.map(toFulfillment),
  tags: order.tags,
  placedAt: order.placedAt,
  canceledAt: order.canceledAt,
  cancelReason: order.cancelReason,
  deliveredAt: order.deliveredAt,
  completedAt: order.completedAt,
});
