import type { ClientCertificate, EndpointAuthentication } from './endpoint-authentication.ts';

/** One POST to an endpoint. */
export interface WebhookRequest {
  readonly url: string;
  readonly method: 'POST';
  /** Signature, content type and the endpoint's own. None of them may be reserved (`isReservedHeader`). */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds for all of it: the name, the connection, an access token, the answer to its last byte. */
  readonly timeoutMs: number;
  /** How much of the answer's body is kept; the connection is closed behind it. */
  readonly maxResponseBytes: number;
  readonly authentication: EndpointAuthentication;
  readonly clientCertificate?: ClientCertificate;
}

/** Not sent, and not to be tried again until the endpoint or our configuration is changed. */
export interface WebhookRefusal {
  readonly kind: 'refused';
  readonly reason:
    | 'invalid_url'
    | 'scheme_not_allowed'
    | 'credentials_in_url'
    | 'blocked_port'
    | 'blocked_address'
    | 'reserved_header'
    | 'invalid_header'
    | 'invalid_client_certificate';
  /** For the endpoint's owner. Neither secrets nor the path of the URL are in it, nor the address behind a name. */
  readonly message: string;
}

/** The endpoint has said something; whether it is content is told by the status alone. */
export interface WebhookResponse {
  readonly kind: 'answered';
  /** A redirect (3xx) is an answer like any other: it is not followed. */
  readonly status: number;
  /** The few that help to understand an answer, in lower case, each cut to 1,024 characters. */
  readonly headers: Readonly<Record<string, string>>;
  /** As text, with U+FFFD for what is no UTF-8 or cannot be stored. */
  readonly body: string;
  /** Why the body is not all of it: longer than asked for, not over at the end of the time, or cut off by the endpoint. */
  readonly truncated: false | 'too_long' | 'too_slow' | 'cut_off';
  readonly durationMs: number;
  /** The address that was connected to, and checked before. */
  readonly remoteAddress: string;
}

/** No answer. The endpoint may still have received it, and tries again may go better. */
export interface WebhookFailure {
  readonly kind: 'failed';
  /**
   * `dns`: no address for the name · `protocol`: what came is no HTTP, or no end of headers · `authentication`: no access token
   */
  readonly reason: 'timeout' | 'dns' | 'connection' | 'tls' | 'protocol' | 'authentication';
  /** As in a refusal. */
  readonly message: string;
  readonly durationMs: number;
}

export type WebhookAnswer = WebhookResponse | WebhookRefusal | WebhookFailure;

/** Sends webhooks to endpoints that nobody has to trust. */
export interface WebhookSender {
  /** Never throws for what an endpoint, or its owner, does. */
  send(request: WebhookRequest): Promise<WebhookAnswer>;
  /** What can be said against a URL without looking up its name: for when an endpoint is made. */
  check(url: string): WebhookRefusal | undefined;
}

/** Those that decide where a message ends, how it travels, and whom it is for. */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a header is ours to set: an endpoint's own headers must not have it. */
export const isReservedHeader = (name: string): boolean => RESERVED_HEADERS.has(name.toLowerCase());
