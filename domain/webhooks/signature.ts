import { invalid } from '../shared/errors.ts';

/** A message as its signature sees it. */
export interface SignedMessage {
  /** Of the event: the same in every try, so that a receiver knows what it has already. */
  readonly id: string;
  /** Of this try: receivers refuse what is older than five minutes. */
  readonly sentAt: Date;
  /** What is sent, to the byte. */
  readonly body: string;
}

/** The headers of the Standard Webhooks specification. */
export interface SignatureHeaders {
  readonly 'webhook-id': string;
  /** Seconds since the epoch. */
  readonly 'webhook-timestamp': string;
  /** `v1,<base64>` for each active secret, with spaces between them. */
  readonly 'webhook-signature': string;
}

/** Signs webhooks by the Standard Webhooks specification. */
export interface WebhookSigner {
  /** A new secret, `whsec_` and 32 random bytes in base64. */
  newSecret(): string;
  /** One signature for each secret, newest first: while a secret is rotated there are two. Raises INVALID_INPUT. */
  sign(message: SignedMessage, secrets: readonly string[]): SignatureHeaders;
}

const SECRET_PREFIX = 'whsec_';
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;
/** A full stop would let one message pass for another, since full stops stand between the parts that are signed. */
const MESSAGE_ID = /^[\w-]{1,128}$/;

/** The key of a secret, in base64. Raises INVALID_INPUT when it is not `whsec_` and 24 to 64 bytes in padded base64. */
export function keyOfSecret(secret: string, field = 'secret'): string {
  const key = secret.slice(SECRET_PREFIX.length);
  const bytes = (key.length / 4) * 3 - (/=*$/.exec(key)?.[0].length ?? 0);
  if (!secret.startsWith(SECRET_PREFIX) || !BASE64.test(key) || bytes < MIN_SECRET_BYTES || bytes > MAX_SECRET_BYTES) {
    throw invalid(field, `Must be ${SECRET_PREFIX} and ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes in base64`);
  }
  return key;
}

/** How a secret is written. */
export const secretOfKey = (keyInBase64: string): string => `${SECRET_PREFIX}${keyInBase64}`;

/** The headers, by `hmac` (HMAC-SHA-256, key and result in base64, over the text in UTF-8). Raises INVALID_INPUT. */
export function signatureHeaders(
  { id, sentAt, body }: SignedMessage,
  secrets: readonly string[],
  hmac: (keyInBase64: string, content: string) => string,
): SignatureHeaders {
  if (!MESSAGE_ID.test(id)) throw invalid('id', 'Must have 1 to 128 letters, digits, _ and - only');
  if (secrets.length === 0) throw invalid('secrets', 'Must have at least one');
  const timestamp = String(Math.floor(sentAt.getTime() / 1000));
  const content = `${id}.${timestamp}.${body}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${hmac(keyOfSecret(secret), content)}`).join(' '),
  };
}
