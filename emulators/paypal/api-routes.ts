import type { Account } from './account.ts';
import { ApiError, notFound } from './api-error.ts';
import { answerDispute, findDispute } from './disputes.ts';
import { createOrder, orderBody, settleBody, settleOrder } from './orders.ts';
import { captureAuthorization, captureBody, reauthorize, reauthorizeBody, refundBody, refundCapture, voidAuthorization } from './payments.ts';
import type { WebhookSignatures } from './signature.ts';
import { searchTransactions } from './transactions.ts';
import { createPaymentToken, createSetupToken, deletePaymentToken, setupBody, tokenBody } from './vault.ts';

export interface ApiCall {
  readonly method: string;
  readonly url: URL;
  /** The body as it came. */
  readonly text: string;
}

export interface ApiReply {
  readonly status: number;
  /** Undefined: an answer without a body. */
  readonly body: unknown;
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, 'INVALID_REQUEST', 'MALFORMED_REQUEST_JSON');
  }
}

type Handler = (call: ApiCall, id: string) => ApiReply;

const ok = (body: unknown): ApiReply => ({ status: 200, body });
const created = (body: unknown): ApiReply => ({ status: 201, body });

/** The routes: method, path with `:id`, and what answers. Bodies are checked; ZodError is raised for those that are not right. */
export function createRoutes(account: Account, signatures: WebhookSignatures): (call: ApiCall) => ApiReply {
  const routes: [string, string, Handler][] = [
    ['POST', '/v2/checkout/orders', ({ text }) => created(createOrder(account, orderBody.parse(parse(text))))],
    ['GET', '/v2/checkout/orders/:id', (_, id) => ok(account.order(id))],
    ['POST', '/v2/checkout/orders/:id/capture', ({ text }, id) => created(settleOrder(account, account.order(id), 'capture', settleBody.parse(parse(text))))],
    ['POST', '/v2/checkout/orders/:id/authorize', ({ text }, id) => created(settleOrder(account, account.order(id), 'authorize', settleBody.parse(parse(text))))],
    ['GET', '/v2/payments/authorizations/:id', (_, id) => ok(account.authorization(id).authorization)],
    ['POST', '/v2/payments/authorizations/:id/capture', ({ text }, id) => created(captureAuthorization(account, id, captureBody.parse(parse(text))))],
    ['POST', '/v2/payments/authorizations/:id/void', (_, id) => ok(voidAuthorization(account, id))],
    ['POST', '/v2/payments/authorizations/:id/reauthorize', ({ text }, id) => created(reauthorize(account, id, reauthorizeBody.parse(parse(text))))],
    ['GET', '/v2/payments/captures/:id', (_, id) => ok(account.capture(id).capture)],
    ['POST', '/v2/payments/captures/:id/refund', ({ text }, id) => created(refundCapture(account, id, refundBody.parse(parse(text))))],
    ['POST', '/v3/vault/setup-tokens', ({ text }) => created(createSetupToken(account, setupBody.parse(parse(text))))],
    ['GET', '/v3/vault/setup-tokens/:id', (_, id) => ok(found(account.setupTokens.get(id)))],
    ['POST', '/v3/vault/payment-tokens', ({ text }) => created(createPaymentToken(account, tokenBody.parse(parse(text))))],
    ['GET', '/v3/vault/payment-tokens/:id', (_, id) => ok(found(account.paymentTokens.get(id)))],
    [
      'DELETE',
      '/v3/vault/payment-tokens/:id',
      (_, id) => {
        deletePaymentToken(account, id);
        return { status: 204, body: undefined };
      },
    ],
    ['GET', '/v1/customer/disputes', () => ok({ items: [...account.disputes.values()] })],
    ['GET', '/v1/customer/disputes/:id', (_, id) => ok(findDispute(account, id))],
    ['POST', '/v1/customer/disputes/:id/accept-claim', ({ text }, id) => ok(answerDispute(account, id, 'accept-claim', text))],
    ['POST', '/v1/customer/disputes/:id/provide-evidence', ({ text }, id) => ok(answerDispute(account, id, 'provide-evidence', text))],
    ['GET', '/v1/reporting/transactions', ({ url }) => ok(searchTransactions(account, url.searchParams))],
    [
      'POST',
      '/v1/notifications/verify-webhook-signature',
      ({ text }) => {
        const body = parse(text);
        return ok(signatures.verify(typeof body === 'object' && body !== null ? { ...body } : {}, text));
      },
    ],
  ];
  const compiled = routes.map(([method, path, handler]) => ({
    method,
    pattern: new RegExp(`^${path.replace(':id', '([A-Za-z0-9_-]+)')}$`),
    handler,
  }));
  return (call) => {
    for (const { method, pattern, handler } of compiled) {
      const match = method === call.method ? pattern.exec(call.url.pathname) : null;
      if (match) return handler(call, match[1] ?? '');
    }
    throw notFound();
  };
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw notFound();
  return value;
}
