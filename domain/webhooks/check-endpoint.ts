import { invalid } from '../shared/errors.ts';
import { assertEndpointAuthentication, type ClientCertificate } from './endpoint-authentication.ts';
import { parseFilter } from './event-filter.ts';
import type { EventSelection } from './event-selection.ts';
import { parseTemplate } from './event-template.ts';
import { assertEventTypes } from './event-types.ts';
import { isReservedHeader, type WebhookSender } from './webhook-sender.ts';
import type { EndpointSettings } from './webhook-stores.ts';

/** What an endpoint may be set to. */
export const ENDPOINT_LIMITS = {
  urlLength: 2_000,
  descriptionLength: 500,
  headers: 20,
  headerLength: 4_096,
  pemLength: 65_536,
  json: 65_536,
  rateLimit: [1, 10_000],
  maxInFlight: [1, 100],
  timeoutMs: [1_000, 30_000],
  retryHours: [72, 720],
} as const;

/** What the rules are asked with. */
export interface EndpointChecks {
  readonly checkUrl: WebhookSender['check'];
  /** Raises INVALID_INPUT naming the field. */
  readonly parseSelection: (text: string, field: string) => EventSelection;
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]{1,100}$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PEM = /^\s*(-----BEGIN [A-Z0-9 ]+-----[A-Za-z0-9+/=\s]+-----END [A-Z0-9 ]+-----\s*)+$/;
/** Those that we set, beside the reserved ones. */
const OUR_HEADERS: ReadonlySet<string> = new Set(['content-type', 'user-agent', 'webhook-id', 'webhook-signature', 'webhook-timestamp']);

/** Raises INVALID_INPUT when the address is none that may be sent to, as far as can be told without looking up its name. */
export function assertEndpointUrl(url: string, field: string, checkUrl: WebhookSender['check']): void {
  if (url.length > ENDPOINT_LIMITS.urlLength) throw invalid(field, `Must have at most ${ENDPOINT_LIMITS.urlLength} characters`);
  const refusal = checkUrl(url);
  if (refusal) throw invalid(field, refusal.message);
}

function assertHeaders(headers: EndpointSettings['headers'], authentication: EndpointSettings['authentication']): void {
  const names = Object.keys(headers);
  if (names.length > ENDPOINT_LIMITS.headers) throw invalid('headers', `Must have at most ${ENDPOINT_LIMITS.headers}`);
  for (const [name, value] of Object.entries(headers)) {
    const field = `headers.${name}`;
    if (!HEADER_NAME.test(name)) throw invalid('headers', `${JSON.stringify(name.slice(0, 100))} is no name of a header`);
    if (name !== name.toLowerCase()) throw invalid(field, 'Must be in lower case');
    if (isReservedHeader(name) || OUR_HEADERS.has(name)) throw invalid(field, 'Is ours to set');
    if (name === 'authorization' && authentication.type !== 'none') throw invalid(field, 'Is set by authentication');
    if (value.length > ENDPOINT_LIMITS.headerLength) throw invalid(field, `Must have at most ${ENDPOINT_LIMITS.headerLength} characters`);
    if (!HEADER_VALUE.test(value)) throw invalid(field, 'Must have characters only that HTTP carries');
  }
}

function assertPem(text: string, field: string): void {
  if (text.length > ENDPOINT_LIMITS.pemLength || !PEM.test(text)) throw invalid(field, 'Must be PEM: -----BEGIN …');
}

function assertCertificate({ certificate, key, certificateAuthority }: ClientCertificate): void {
  assertPem(certificate, 'clientCertificate.certificate');
  assertPem(key, 'clientCertificate.key');
  if (certificateAuthority !== undefined) assertPem(certificateAuthority, 'clientCertificate.certificateAuthority');
}

function assertWithin(value: number, field: 'rateLimit' | 'maxInFlight' | 'timeoutMs' | 'retryHours'): void {
  const [from, to] = ENDPOINT_LIMITS[field];
  if (!Number.isSafeInteger(value) || value < from || value > to) throw invalid(field, `Must be ${from} to ${to}`);
}

function assertSmall(value: unknown, field: string): void {
  if (JSON.stringify(value).length > ENDPOINT_LIMITS.json) throw invalid(field, `Must have at most ${ENDPOINT_LIMITS.json} characters`);
}

/**
 * Everything that an operator sets of an endpoint. Raises INVALID_INPUT naming the field.
 * @param changed which fields to look at: what was right when it was set may stay, whatever the configuration allows by now
 */
export function assertEndpointSettings(settings: EndpointSettings, changed: ReadonlySet<keyof EndpointSettings>, { checkUrl, parseSelection }: EndpointChecks): void {
  const { url, description, eventTypes, filter, selection, transformation, headers, authentication, clientCertificate, rateLimit } = settings;
  if (changed.has('url')) assertEndpointUrl(url, 'url', checkUrl);
  if (changed.has('description') && description !== null && description.length > ENDPOINT_LIMITS.descriptionLength) {
    throw invalid('description', `Must have at most ${ENDPOINT_LIMITS.descriptionLength} characters`);
  }
  if (changed.has('eventTypes')) assertEventTypes(eventTypes);
  if (changed.has('filter') && filter !== null) {
    assertSmall(filter, 'filter');
    parseFilter(filter, 'filter');
  }
  if (changed.has('selection') && selection !== null) parseSelection(selection, 'selection');
  if (changed.has('transformation') && transformation !== null) {
    assertSmall(transformation, 'transformation');
    parseTemplate(transformation, 'transformation');
  }
  if (changed.has('authentication')) {
    assertEndpointAuthentication(authentication, 'authentication');
    if (authentication.type === 'oauth_client_credentials') assertEndpointUrl(authentication.tokenUrl, 'authentication.tokenUrl', checkUrl);
  }
  if (changed.has('headers') || changed.has('authentication')) assertHeaders(headers, authentication);
  if (changed.has('clientCertificate') && clientCertificate !== null) assertCertificate(clientCertificate);
  if (changed.has('rateLimit') && rateLimit !== null) assertWithin(rateLimit, 'rateLimit');
  for (const field of ['maxInFlight', 'timeoutMs', 'retryHours'] as const) if (changed.has(field)) assertWithin(settings[field], field);
}
