import type { WebhookFailure, WebhookRefusal } from '../../domain/webhooks/webhook-sender.ts';
import { blockedAddress, hostOf } from './endpoint-url.ts';
import { DeadlineError, ProtocolError } from './exchange.ts';
import { BlockedAddressError, UnresolvedNameError } from './guarded-agents.ts';

/** Why there was no answer. */
export type Fault = Pick<WebhookFailure, 'reason' | 'message'>;

const MAX_MESSAGE = 200;
/** OpenSSL's own, and what Node found wrong with a certificate. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_|INVALID_|PATH_LENGTH_)/;

const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_MESSAGE);

/** Node's word for it; that of the first try where several addresses were tried. */
function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
}

/** What an error of `exchange` means to the endpoint's owner. Raises it again when it is none that an endpoint can cause. */
export function explain(error: unknown, url: URL): WebhookRefusal | Fault {
  const host = hostOf(url);
  if (error instanceof BlockedAddressError) return blockedAddress(error.hostname, error.blocked);
  if (error instanceof UnresolvedNameError) return { reason: 'dns', message: error.message };
  if (error instanceof DeadlineError) return { reason: 'timeout', message: `${host} gave no answer in time` };
  if (error instanceof ProtocolError)
    return { reason: 'protocol', message: `The answer of ${host} is not valid: ${error.message}` };
  const code = codeOf(error);
  if (!(error instanceof Error) || code === '') throw error;
  if (code.startsWith('HPE_'))
    return { reason: 'protocol', message: `The answer of ${host} is not valid: ${oneLine(error.message)}` };
  if (TLS_CODE.test(code))
    return { reason: 'tls', message: `No secure connection to ${host}: ${oneLine(error.message)} (${code})` };
  return { reason: 'connection', message: `The connection to ${host} failed (${code})` };
}
