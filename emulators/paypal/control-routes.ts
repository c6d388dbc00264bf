import { z } from 'zod';
import { requestFaultSchema, webhookFaultSchema, type RequestFault } from '../shared/fault-rules.ts';
import type { RequestLog } from '../shared/request-log.ts';
import type { RuleBook } from '../shared/rule-book.ts';
import type { WebhookSender } from '../shared/webhook-sender.ts';
import type { Account } from './account.ts';
import { ApiError } from './api-error.ts';
import { openDispute, settleDispute } from './disputes.ts';
import { readLedger } from './ledger.ts';
import type { PaypalEvent } from './objects.ts';
import { expireAuthorization } from './payments.ts';

export interface ControlTarget {
  readonly account: Account;
  readonly faults: RuleBook<RequestFault>;
  readonly webhooks: WebhookSender<PaypalEvent>;
  readonly log: RequestLog;
  reset(): void;
}

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

const endpointSchema = z.strictObject({ url: z.url({ protocol: /^https?$/ }).nullable(), webhookId: z.string().min(1).optional() });
const redeliverySchema = z.strictObject({ eventId: z.string() });
const disputeSchema = z.strictObject({ captureId: z.string(), reason: z.string().optional(), dueSeconds: z.int().min(0).optional() });
const settlementSchema = z.strictObject({ outcome: z.enum(['won', 'lost']) });
const outcomeSchema = z.enum(['completed', 'pending', 'failing']);
const settingsSchema = z.strictObject({ authorizationSeconds: z.int().min(0).optional(), refunds: outcomeSchema.optional(), captures: outcomeSchema.optional() });
const limitSchema = z.coerce.number().int().min(1).max(1000).default(100);

const ok = (body: unknown = {}): ControlAnswer => ({ status: 200, body });
const NOT_FOUND: ControlAnswer = { status: 404, body: { error: 'There is no such thing' } };
const conflict = (error: string): ControlAnswer => ({ status: 409, body: { error } });

function ruleRoute<R extends { times?: number | undefined }>(book: RuleBook<R>, schema: z.ZodType<R>, method: string, rest: readonly string[], body: () => unknown): ControlAnswer {
  const [id, action] = rest;
  if (id === undefined) {
    if (method === 'GET') return ok(book.reports());
    if (method === 'POST') return ok({ id: book.add(schema.parse(body())) });
    if (method !== 'DELETE') return NOT_FOUND;
    book.clear();
    return ok();
  }
  if (method === 'DELETE' && action === undefined) return book.remove(id) ? ok() : NOT_FOUND;
  return method === 'POST' && action === 'release' && book.release(id) ? ok() : NOT_FOUND;
}

/**
 * Answers the control API under `/_emulator`: `faults`, `webhook-faults`, `webhooks` (GET, PUT, `/redeliver` POST), `disputes` (POST,
 * `/:id/settle` POST), `orders/:id/expire` (POST), `settings` (PUT), `ledger`, `requests` (GET) and `reset` (POST).
 */
export function control(target: ControlTarget, method: string, url: URL, text: string): ControlAnswer {
  const [, , resource, ...rest] = url.pathname.split('/');
  const body = (): unknown => JSON.parse(text);
  const limit = (): number => limitSchema.parse(url.searchParams.get('limit') ?? undefined);
  const { account, webhooks } = target;
  switch (resource) {
    case 'faults':
      return ruleRoute(target.faults, requestFaultSchema, method, rest, body);
    case 'webhook-faults':
      return ruleRoute(webhooks.faults, webhookFaultSchema, method, rest, body);
    case 'webhooks': {
      if (rest[0] === 'redeliver') {
        const event = method === 'POST' ? account.events.get(redeliverySchema.parse(body()).eventId) : undefined;
        if (!event) return NOT_FOUND;
        webhooks.deliver(event, { plain: true });
        return ok();
      }
      if (method === 'PUT') {
        const wanted = endpointSchema.parse(body());
        const secret = wanted.webhookId ?? webhooks.endpoint?.secret;
        if (wanted.url !== null && secret === undefined) return { status: 400, body: { error: 'A webhook id is needed to sign with' } };
        webhooks.endpoint = wanted.url === null || secret === undefined ? undefined : { url: wanted.url, secret };
      } else if (method !== 'GET') return NOT_FOUND;
      return ok({ url: webhooks.endpoint?.url ?? null, pending: webhooks.pending(), deliveries: webhooks.deliveries(limit()) });
    }
    case 'disputes': {
      if (method !== 'POST') return NOT_FOUND;
      const [id, action] = rest;
      if (id === undefined) {
        const { captureId, ...terms } = disputeSchema.parse(body());
        try {
          return ok({ id: openDispute(account, captureId, terms).dispute_id });
        } catch (error) {
          if (error instanceof ApiError) return NOT_FOUND;
          throw error;
        }
      }
      const dispute = account.disputes.get(id);
      if (!dispute || action !== 'settle') return NOT_FOUND;
      return settleDispute(account, dispute, settlementSchema.parse(body()).outcome) ? ok() : conflict('The dispute is closed already');
    }
    case 'orders': {
      const order = account.orders.get(rest[0] ?? '');
      if (method !== 'POST' || !order || rest[1] !== 'expire') return NOT_FOUND;
      return expireAuthorization(account, order) ? ok() : conflict('The order has no open authorization');
    }
    case 'settings': {
      if (method !== 'PUT') return NOT_FOUND;
      const { authorizationSeconds, refunds, captures } = settingsSchema.parse(body());
      if (authorizationSeconds !== undefined) account.settings.authorizationSeconds = authorizationSeconds;
      if (refunds !== undefined) account.settings.refunds = refunds;
      if (captures !== undefined) account.settings.captures = captures;
      return ok();
    }
    case 'ledger':
      if (method !== 'GET') return NOT_FOUND;
      return ok(readLedger(account, { after: url.searchParams.get('after') ?? undefined, orderId: url.searchParams.get('order_id') ?? undefined, limit: limit() }));
    case 'requests':
      return method === 'GET' ? ok(target.log.newest(limit())) : NOT_FOUND;
    case 'reset':
      if (method !== 'POST') return NOT_FOUND;
      target.reset();
      return ok();
    default:
      return NOT_FOUND;
  }
}
