/** The fact that each mail tells of: the type of its event in the outbox. */
export const MAILED_EVENTS = {
  order_placed: 'order.placed',
  order_canceled: 'order.canceled',
  order_edited: 'order.edited',
  balance_due: 'order.balance_due',
  balance_reminder: 'order.balance_reminder',
  units_canceled: 'order.units_canceled',
  backorder_allocated: 'order.backorder_allocated',
  invoice: 'order.invoice_sent',
  payment_reminder: 'checkout.payment_reminder',
  payment_captured: 'payment.captured',
  refund_succeeded: 'refund.succeeded',
  fulfillment_shipped: 'fulfillment.shipped',
  fulfillment_delivered: 'fulfillment.delivered',
  return_requested: 'return.requested',
  return_approved: 'return.approved',
  return_rejected: 'return.rejected',
  return_reminder: 'return.reminder',
  return_received: 'return.received',
  return_closed: 'return.closed',
  return_expired: 'return.expired',
} as const;

/** A kind of mail. */
export type MailTemplate = keyof typeof MAILED_EVENTS;

export const MAIL_TEMPLATES = Object.keys(MAILED_EVENTS) as readonly MailTemplate[];

const TEMPLATE_OF: ReadonlyMap<string, MailTemplate> = new Map(
  MAIL_TEMPLATES.map((template) => [MAILED_EVENTS[template], template]),
);

/** The mail that tells customers of an event; undefined when none does. */
export const templateOfEvent = (type: string): MailTemplate | undefined => TEMPLATE_OF.get(type);
