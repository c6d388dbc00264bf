import type { CaptureMode } from '../../checkout/cart-record.ts';
import type { CheckoutRecord } from '../../checkout/checkout-store.ts';
import type { Money } from '../../shared/money.ts';
import type { Order } from '../order.ts';
import type { MailContent, MailLabel, MailLine, MailValue } from './mail-content.ts';
import type { MailTemplate } from './mail-template.ts';
import { readPayload, webAddress, type PayloadReader } from './payload.ts';

/** What is known of the fact that a mail tells of. */
export interface MailFacts {
  /** Of the event. */
  readonly payload: unknown;
  readonly occurredAt: Date;
  readonly order: Order | undefined;
  readonly checkout: CheckoutRecord | undefined;
  /** The rules and the shop of the channel. */
  readonly channel: { readonly captureMode: CaptureMode; readonly storefrontUrl: string | null };
}

/** A mail without language and look, and whom it is for. */
export interface ComposedMail {
  readonly to: string;
  readonly content: MailContent;
}

type Body = Partial<Omit<MailContent, 'template' | 'firstName'>>;
type Compose<Subject> = (subject: Subject, payload: PayloadReader) => Body;
type OrderTemplate = Exclude<MailTemplate, 'invoice' | 'payment_reminder'>;

const amountOf = (payload: PayloadReader, currency: string): Money => ({ amount: payload.amount('amount') ?? 0, currency });

type Details = MailContent['details'];

const detail = (label: MailLabel, value: MailValue | null): Details => (value === null ? [] : [{ label, value }]);
const dayDetail = (label: MailLabel, day: Date | null): Details => detail(label, day && { day });
const momentDetail = (label: MailLabel, moment: Date | null): Details => detail(label, moment && { moment });

/** The order's articles as they are ordered now, priced before discounts and as the shop shows its prices. */
const articles = ({ lines, currency }: Order): MailLine[] =>
  lines
    .filter(({ quantity }) => quantity > 0)
    .map(({ productTitle, variantTitle, quantity, unitAmount }) => ({
      title: productTitle,
      variantTitle,
      quantity,
      total: { amount: unitAmount * quantity, currency },
    }));

/** Units of order lines, in the order's order; what is no line of it is left out. */
const unitsOf = ({ lines }: Order, units: readonly { orderLineId: string; quantity: number }[]): MailLine[] =>
  lines.flatMap(({ id, productTitle, variantTitle }) => {
    const quantity = units.reduce((sum, unit) => sum + (unit.orderLineId === id ? unit.quantity : 0), 0);
    return quantity > 0 ? [{ title: productTitle, variantTitle, quantity, total: null }] : [];
  });

function sumsOf({ currency, subtotal, discount, shipping, tax, total, pricesIncludeTax }: Order): MailContent['totals'] {
  const money = (amount: number): Money => ({ amount, currency });
  return [
    { label: 'subtotal', amount: money(subtotal) },
    ...(discount > 0 ? [{ label: 'discount', amount: money(-discount) } as const] : []),
    { label: 'shipping', amount: money(shipping) },
    ...(tax > 0 && !pricesIncludeTax ? [{ label: 'taxAdded', amount: money(tax) } as const] : []),
    { label: 'total', amount: money(total) },
    ...(tax > 0 && pricesIncludeTax ? [{ label: 'taxIncluded', amount: money(tax) } as const] : []),
  ];
}

/** What becomes of the money of a canceled order, as far as it can be told. */
function afterCancel({ payments }: Order, payload: PayloadReader): string[] {
  if (payments.length === 0) return [];
  const status = payload.text('paymentStatus');
  if (status === 'voided') return ['released'];
  return status === 'refunded' || status === 'partially_refunded' ? ['refunded'] : [];
}

function refund(order: Order, payload: PayloadReader): Body {
  const { currency } = order;
  const found = order.refunds.find(({ id }) => id === payload.text('refundId'));
  const amount = found?.amount ?? payload.amount('amount') ?? 0;
  const credited = (found?.parts ?? []).reduce((sum, part) => sum + (part.status === 'credited' ? part.amount : 0), 0);
  const credit = (found?.destination ?? payload.text('destination')) === 'store_credit' ? amount : credited;
  const paid = amount - credit;
  const both = credit > 0 && paid > 0;
  return {
    values: { amount: { amount, currency } },
    paragraphs: ['intro', ...(paid > 0 ? ['toPaymentMethod'] : []), ...(credit > 0 ? ['toStoreCredit'] : [])],
    details: [
      ...detail('amount', { amount, currency }),
      ...detail('toPaymentMethod', both ? { amount: paid, currency } : null),
      ...detail('toStoreCredit', both ? { amount: credit, currency } : null),
      // Who cancels gives a reason to us; who refunds gives it to the customer.
      ...detail('reason', found?.source === 'operator' ? found.reason : null),
    ],
    lines: unitsOf(order, found?.lines ?? []),
  };
}

function edited(order: Order, payload: PayloadReader): Body {
  const difference = payload.amount('difference') ?? 0;
  const amount = { amount: Math.abs(difference), currency: order.currency };
  return {
    values: { amount },
    paragraphs: ['intro', ...(difference > 0 ? ['more'] : difference < 0 ? ['less'] : [])],
    lines: articles(order),
    totals: sumsOf(order),
    shippingAddress: order.shippingAddress,
  };
}

/** The lines that waited for the item which has come in. */
function arrived(order: Order, payload: PayloadReader): Body {
  const itemId = payload.text('inventoryItemId');
  const waiting = order.lines.filter(({ inventory }) => inventory.some(({ inventoryItemId }) => inventoryItemId === itemId));
  return {
    lines: unitsOf(
      order,
      waiting.map(({ id, quantity }) => ({ orderLineId: id, quantity })),
    ),
  };
}

const shipBack = (payload: PayloadReader): Body => {
  const link = payload.url('labelUrl');
  return {
    paragraphs: ['intro', ...(link === null ? [] : ['label'])],
    details: dayDetail('shipBackBy', payload.instant('shipBackBy')),
    link,
  };
};

const balance: Compose<Order> = ({ currency }, payload) => ({
  values: { amount: amountOf(payload, currency) },
  details: [...detail('amount', amountOf(payload, currency)), ...momentDetail('payBy', payload.instant('expiresAt'))],
  link: payload.url('url'),
});

/** The ends of a return that a customer is told of in words of their own. */
const OUTCOMES: readonly string[] = ['refunded', 'exchanged', 'refused', 'claim_settled'];

const OF_ORDER: Readonly<Record<OrderTemplate, Compose<Order>>> = {
  order_placed: (order) => ({ lines: articles(order), totals: sumsOf(order), shippingAddress: order.shippingAddress }),
  order_canceled: (order, payload) => ({ paragraphs: ['intro', ...afterCancel(order, payload)] }),
  order_edited: edited,
  balance_due: balance,
  balance_reminder: balance,
  units_canceled: (order, payload) => ({ lines: unitsOf(order, payload.units('lines')) }),
  backorder_allocated: arrived,
  payment_captured: ({ currency }, payload) => ({
    values: { amount: amountOf(payload, currency) },
    details: detail('amount', amountOf(payload, currency)),
  }),
  refund_succeeded: refund,
  fulfillment_shipped: (order, payload) => ({
    paragraphs: ['intro', ...(order.lines.some(({ quantity, shippedQuantity }) => shippedQuantity < quantity) ? ['more'] : [])],
    details: [...detail('carrier', payload.text('carrier')), ...detail('trackingNumber', payload.text('trackingNumber'))],
    lines: unitsOf(order, payload.units('lines')),
    shippingAddress: order.shippingAddress,
    link: payload.url('trackingUrl'),
  }),
  fulfillment_delivered: (order, payload) => ({
    lines: unitsOf(order, order.fulfillments.find(({ id }) => id === payload.text('fulfillmentId'))?.lines ?? []),
  }),
  return_requested: () => ({}),
  return_approved: (_, payload) => shipBack(payload),
  return_rejected: (_, payload) => ({ details: detail('reason', payload.text('reason')) }),
  return_reminder: (_, payload) => shipBack(payload),
  return_received: () => ({}),
  return_closed: (_, payload) => ({
    paragraphs: ['intro', ...OUTCOMES.filter((outcome) => outcome === payload.text('outcome'))],
  }),
  return_expired: () => ({}),
};

/** Of a draft that nobody has bought yet. */
function invoice(payload: PayloadReader): Body {
  const amount = amountOf(payload, payload.text('currency') ?? 'XXX');
  return { values: { amount }, details: detail('amount', amount), link: payload.url('url') };
}

/** Of a payment that only the customer can finish. */
function reminder({ currency, total, holdExpiresAt, answer, snapshot }: CheckoutRecord, storefrontUrl: string | null): Body {
  return {
    values: { amount: { amount: total, currency } },
    details: momentDetail('payBy', holdExpiresAt),
    lines: snapshot.lines.map(({ productTitle, variantTitle, quantity, unitAmount }) => ({
      title: productTitle,
      variantTitle,
      quantity,
      total: { amount: unitAmount * quantity, currency },
    })),
    link: webAddress(answer?.kind === 'action_required' ? (answer.action.url ?? storefrontUrl) : storefrontUrl),
  };
}

const contentOf = (template: MailTemplate, firstName: string | null, body: Body): MailContent => ({
  template,
  firstName,
  paragraphs: ['intro'],
  values: {},
  details: [],
  lines: [],
  totals: [],
  shippingAddress: null,
  link: null,
  ...body,
});

/** Says what a mail says. Undefined: what it is about is not there. */
export function composeMail(template: MailTemplate, { payload, order, checkout, channel }: MailFacts): ComposedMail | undefined {
  const read = readPayload(payload);
  if (template === 'invoice') {
    const to = read.text('email');
    return to === null ? undefined : { to, content: contentOf(template, read.text('firstName'), invoice(read)) };
  }
  if (template === 'payment_reminder') {
    if (!checkout) return undefined;
    const { email, shippingAddress } = checkout.snapshot;
    return { to: email, content: contentOf(template, shippingAddress.firstName, reminder(checkout, channel.storefrontUrl)) };
  }
  if (!order) return undefined;
  const body = OF_ORDER[template](order, read);
  const content = contentOf(template, order.shippingAddress.firstName, {
    ...body,
    values: { orderNumber: order.number, ...body.values },
  });
  return { to: order.email, content };
}

/** What is taken so soon after the order was told of with it. */
const TAKEN_WITH_ORDER_MS = 15 * 60_000;

function capturedAtPlacing({ order, occurredAt, channel: { captureMode } }: MailFacts): boolean {
  const rightAway = captureMode === 'automatic' || captureMode === 'after_placement';
  return order !== undefined && rightAway && occurredAt.getTime() - order.placedAt.getTime() < TAKEN_WITH_ORDER_MS;
}

/** Why a mail is not sent though there is something to tell; undefined: it is. */
export function reasonToSkip(template: MailTemplate, facts: MailFacts): string | undefined {
  if (template === 'payment_captured' && capturedAtPlacing(facts)) return 'The money was taken when the order was placed';
  if (template === 'payment_reminder' && facts.checkout?.status !== 'action_required')
    return 'The payment does not wait for the customer any more';
  return undefined;
}
