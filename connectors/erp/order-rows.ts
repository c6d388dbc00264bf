import type { DueMessage } from '../shared/inbox.ts';
import { toDecimal } from './money.ts';

/** The columns of `orders-….csv`. */
export const ORDER_COLUMNS = [
  ...['event', 'order_number', 'order_id', 'line', 'sku', 'title', 'quantity', 'unit_price', 'currency', 'order_total'],
  ...['payment_status', 'email', 'name', 'street', 'postal_code', 'city', 'country', 'shipping_method'],
] as const;
export type OrderRow = Partial<Record<(typeof ORDER_COLUMNS)[number], string>>;

/** What we read of `order.placed`; see schema/events. */
interface PlacedOrder {
  readonly orderId: string;
  readonly number: string;
  readonly currency: string;
  readonly email: string;
  readonly paymentStatus: string;
  readonly totals: { readonly total: number };
  readonly lines: readonly { readonly sku: string; readonly productTitle: string; readonly quantity: number; readonly unitAmount: number }[];
  readonly shippingAddress: Readonly<Record<'firstName' | 'lastName' | 'line1' | 'postalCode' | 'city' | 'countryCode', string>>;
  readonly shippingMethod: { readonly name: string };
}

/** The types that this connector wants. */
export const ORDER_EVENTS = ['order.placed', 'order.canceled'] as const;

/** One row for each line of an order that was placed; one for an order that was canceled. */
export function orderRows({ kind, body }: Pick<DueMessage, 'kind' | 'body'>): OrderRow[] {
  if (kind === 'order.canceled') {
    const { orderId, number, paymentStatus } = body as Pick<PlacedOrder, 'orderId' | 'number' | 'paymentStatus'>;
    return [{ event: 'canceled', order_number: number, order_id: orderId, payment_status: paymentStatus }];
  }
  const { orderId, number, currency, email, paymentStatus, totals, lines, shippingAddress: to, shippingMethod } = body as PlacedOrder;
  return lines.map((line, index) => ({
    ...{ event: 'placed', order_number: number, order_id: orderId, line: String(index + 1), sku: line.sku, title: line.productTitle },
    ...{ quantity: String(line.quantity), unit_price: toDecimal(line.unitAmount, currency), currency, order_total: toDecimal(totals.total, currency) },
    ...{ payment_status: paymentStatus, email, name: `${to.firstName} ${to.lastName}`, street: to.line1, postal_code: to.postalCode },
    ...{ city: to.city, country: to.countryCode, shipping_method: shippingMethod.name },
  }));
}
