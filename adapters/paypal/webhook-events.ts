import { z } from 'zod';
import type { GatewayEvent, GatewayPaymentState, WebhookHeaders } from '../../domain/payments/gateway.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { PaypalDispute } from './dispute-desk.ts';
import { isRefused, toGatewayError } from './gateway-errors.ts';
import { linkedId, REFUND_STATES } from './payment-mapping.ts';
import { fromCustomId } from './payment-reference.ts';
import type { PaypalClient } from './paypal-client.ts';
import { parseJson } from './paypal-transport.ts';

/** PayPal repeats a delivery for three days, so an older one is somebody else's repetition. */
const MAX_AGE_MS = 4 * 86_400_000;
/** PayPal's clock and ours may differ by this much. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** What PayPal signs a delivery with: the headers, by the name that the verification gives them. */
const SIGNATURE_HEADERS = {
  auth_algo: 'paypal-auth-algo',
  cert_url: 'paypal-cert-url',
  transmission_id: 'paypal-transmission-id',
  transmission_sig: 'paypal-transmission-sig',
  transmission_time: 'paypal-transmission-time',
} as const;

const Link = z.looseObject({ href: z.url(), rel: z.string() });

const Event = z.looseObject({
  id: z.string().min(1),
  event_type: z.string(),
  create_time: z.iso.datetime({ offset: true }),
  resource: z.looseObject({}).default({}),
});

/** An order, authorization, capture or refund, as far as an event is read. */
const Resource = z.looseObject({
  id: z.string().optional(),
  custom_id: z.string().optional(),
  status: z.string().optional(),
  links: z.array(Link).optional(),
  purchase_units: z.array(z.looseObject({ custom_id: z.string().optional() })).optional(),
  supplementary_data: z.looseObject({ related_ids: z.looseObject({ order_id: z.string().optional() }).optional() }).optional(),
});

/** What an event says of its payment. The workflow reads it back before it acts. */
const STATES: Readonly<Record<string, GatewayPaymentState>> = {
  'CHECKOUT.ORDER.APPROVED': 'approved',
  'CHECKOUT.ORDER.VOIDED': 'canceled',
  'CHECKOUT.PAYMENT-APPROVAL.REVERSED': 'canceled',
  'PAYMENT.AUTHORIZATION.CREATED': 'authorized',
  'PAYMENT.AUTHORIZATION.VOIDED': 'canceled',
  'PAYMENT.CAPTURE.COMPLETED': 'captured',
  'PAYMENT.CAPTURE.DECLINED': 'failed',
  'PAYMENT.CAPTURE.DENIED': 'failed',
  'PAYMENT.CAPTURE.PENDING': 'processing',
};

/** PayPal names an event about a refund after the capture that it takes back. */
const isRefund = (type: string): boolean => type === 'PAYMENT.CAPTURE.REFUNDED' || type.startsWith('PAYMENT.REFUND.');

const unauthenticated = (): DomainError => new DomainError('UNAUTHENTICATED', 'The signature of the webhook does not hold');

/** The body as text, byte for byte; undefined when it is none. */
function decode(rawBody: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rawBody);
  } catch {
    return undefined;
  }
}

/** Asks PayPal whether it sent this. Raises UNAUTHENTICATED when it did not, GatewayError when it gives no answer. */
async function verify(
  { transport }: Pick<PaypalClient, 'transport'>,
  text: string,
  headers: WebhookHeaders,
  webhookId: string,
): Promise<void> {
  const signature: Record<string, string> = { webhook_id: webhookId };
  for (const [name, header] of Object.entries(SIGNATURE_HEADERS)) {
    const value = headers[header];
    if (!value) throw unauthenticated();
    signature[name] = value;
  }
  const age = Date.now() - Date.parse(signature['transmission_time'] ?? '');
  if (!(age < MAX_AGE_MS && age > -CLOCK_SKEW_MS)) throw unauthenticated();
  // The signature is over the bytes that came, so they go on as they are: parsing and writing them again could change them.
  const body = `${JSON.stringify(signature).slice(0, -1)},"webhook_event":${text}}`;
  const request = {
    method: 'POST',
    path: '/v1/notifications/verify-webhook-signature',
    headers: { 'content-type': 'application/json' },
    body,
  };
  const answer = await transport.send(request).catch((error: unknown) => {
    throw isRefused(error) ? unauthenticated() : toGatewayError(error);
  });
  const verdict = z.looseObject({ verification_status: z.string() }).safeParse(parseJson(answer.text));
  if (!verdict.success || verdict.data.verification_status !== 'SUCCESS') throw unauthenticated();
}

type Subject = Pick<GatewayEvent, 'subject' | 'gatewayRef' | 'disputeRef' | 'paymentState' | 'reference' | 'refund'>;

const withIds = (
  gatewayRef: string | undefined,
  customId: string | undefined,
): Pick<GatewayEvent, 'gatewayRef' | 'reference'> => {
  const reference = fromCustomId(customId);
  return { ...(gatewayRef ? { gatewayRef } : {}), ...(reference ? { reference } : {}) };
};

/** A refund names its capture only, and carries its key where others carry our ids: the capture tells whose it is. */
async function aboutRefund({ payments }: Pick<PaypalClient, 'payments'>, resource: z.infer<typeof Resource>): Promise<Subject> {
  const captureRef = linkedId(resource.links, 'up');
  if (captureRef === undefined) return { subject: 'refund' };
  try {
    const { result } = await payments.getCapturedPayment({ captureId: captureRef });
    const { custom_id: key, status = '' } = resource;
    const refund = key === undefined ? {} : { refund: { key, state: REFUND_STATES[status] ?? ('pending' as const) } };
    return { subject: 'refund', ...refund, ...withIds(result.supplementaryData?.relatedIds?.orderId, result.customId) };
  } catch (error) {
    if (isRefused(error)) return { subject: 'refund' };
    throw toGatewayError(error);
  }
}

async function subjectOf(client: PaypalClient, type: string, content: Readonly<Record<string, unknown>>): Promise<Subject> {
  if (type.startsWith('CUSTOMER.DISPUTE.')) {
    const { success, data } = PaypalDispute.safeParse(content);
    if (!success) return { subject: 'other' };
    return { subject: 'dispute', disputeRef: data.dispute_id, ...withIds(undefined, data.disputed_transactions[0]?.custom) };
  }
  const { success, data: resource } = Resource.safeParse(content);
  if (!success) return { subject: 'other' };
  if (isRefund(type)) return aboutRefund(client, resource);
  const paymentState = STATES[type];
  const state = paymentState === undefined ? {} : { paymentState };
  if (type.startsWith('CHECKOUT.'))
    return { subject: 'payment', ...state, ...withIds(resource.id, resource.purchase_units?.[0]?.custom_id) };
  if (!type.startsWith('PAYMENT.')) return { subject: 'other' };
  return { subject: 'payment', ...state, ...withIds(resource.supplementary_data?.related_ids?.order_id, resource.custom_id) };
}

/**
 * Has PayPal verify a webhook's signature, checks its age, and reads the event. Raises DomainError `UNAUTHENTICATED`, and
 * GatewayError when PayPal gives no verdict: PayPal then delivers again.
 */
export async function readWebhook(
  client: PaypalClient,
  rawBody: Uint8Array,
  headers: WebhookHeaders,
  webhookId: string,
): Promise<GatewayEvent> {
  const text = decode(rawBody);
  const { success, data: event } = Event.safeParse(text === undefined ? undefined : parseJson(text));
  if (text === undefined || !success) throw unauthenticated();
  await verify(client, text, headers, webhookId);
  const { id, event_type: type, create_time: created, resource } = event;
  return { id, type, occurredAt: new Date(created), ...(await subjectOf(client, type, resource)) };
}
