import type { Order } from '../order.ts';
import type { MailTemplate } from './mail-template.ts';

const DAY_MS = 86_400_000;
const SAMPLE_URL = 'https://shop.example/sample';

/** What the event of such a mail could say of the order: for previews of mails that the order has no fact for. */
export function samplePayload(template: MailTemplate, order: Order, now: Date): Readonly<Record<string, unknown>> {
  const inDays = (days: number): string => new Date(now.getTime() + days * DAY_MS).toISOString();
  const { id: orderId, currency, total: amount } = order;
  const lines = order.lines.map(({ id, quantity }) => ({ orderLineId: id, quantity }));
  switch (template) {
    case 'order_placed':
    case 'payment_reminder':
    case 'return_requested':
    case 'return_received':
    case 'return_expired':
      return { orderId };
    case 'order_canceled':
      return { orderId, paymentStatus: 'refunded' };
    case 'order_edited':
      return { orderId, difference: -amount };
    case 'balance_due':
    case 'balance_reminder':
      return { orderId, amount, currency, url: SAMPLE_URL, expiresAt: inDays(7) };
    case 'invoice':
      return { email: order.email, firstName: order.shippingAddress.firstName, amount, currency, url: SAMPLE_URL };
    case 'units_canceled':
      return { orderId, lines };
    case 'backorder_allocated':
      return { orderId, inventoryItemId: order.lines[0]?.inventory[0]?.inventoryItemId };
    case 'payment_captured':
      return { orderId, amount, currency };
    case 'refund_succeeded':
      return { orderId, amount, currency, destination: 'original' };
    case 'fulfillment_shipped':
      return { orderId, lines, carrier: 'Sample carrier', trackingNumber: 'SAMPLE-1', trackingUrl: SAMPLE_URL };
    case 'fulfillment_delivered':
      return { orderId, fulfillmentId: order.fulfillments[0]?.id };
    case 'return_approved':
    case 'return_reminder':
      return { orderId, labelUrl: SAMPLE_URL, shipBackBy: inDays(14) };
    case 'return_rejected':
      return { orderId, reason: 'The time for returns is over' };
    case 'return_closed':
      return { orderId, outcome: 'refunded' };
  }
}
