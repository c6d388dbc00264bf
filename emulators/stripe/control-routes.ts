import { z } from 'zod';
import type { Account } from './account.ts';
import { requestFaultSchema, webhookFaultSchema, type RequestFault } from './fault-rules.ts';
import { readLedger } from './ledger.ts';
import type { RequestLog } from './request-log.ts';
import type { RuleBook } from './rule-book.ts';
import type { Webhooks } from './webhooks.ts';

/** What the control API works on. */
export interface ControlTarget {
  readonly account: Account;
  readonly faults: RuleBook<RequestFault>;
  readonly webhooks: Webhooks;
  readonly log: RequestLog;
  reset(): Promise<void>;
}

/** An answer of the control API. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

const endpointSchema = z.strictObject({ url: z.url({ protocol: /^https?$/ }).nullable(), secret: z.string().min(1).optional() });
const redeliverySchema = z.strictObject({ eventId: z.string() });
const limitSchema = z.coerce.number().int().min(1).max(1000).default(100);

const ok = (body: unknown = {}): ControlAnswer => ({ status: 200, body });
const NOT_FOUND: ControlAnswer = { status: 404, body: { error: 'There is no such thing' } };

/** Routes of a rule book: add, list, release, remove one or all. */
function ruleRoute<R extends { times?: number | undefined }>(
  book: RuleBook<R>,
  schema: z.ZodType<R>,
  request: { method: string; rest: readonly string[]; body: () => unknown },
): ControlAnswer {
  const [id, action] = request.rest;
  if (id === undefined) {
    if (request.method === 'GET') return ok(book.reports());
    if (request.method === 'POST') return ok({ id: book.add(schema.parse(request.body())) });
    if (request.method === 'DELETE') {
      book.clear();
      return ok();
    }
  } else if (request.method === 'DELETE' && action === undefined) return book.remove(id) ? ok() : NOT_FOUND;
  else if (request.method === 'POST' && action === 'release') return book.release(id) ? ok() : NOT_FOUND;
  return NOT_FOUND;
}

/**
 * Answers the control API under `/_emulator`:
 * `faults` and `webhook-faults` (GET, POST, DELETE, `/:id` DELETE, `/:id/release` POST), `webhooks` (GET, PUT,
 * `/redeliver` POST), `ledger`, `requests` (GET) and `reset` (POST). Raises ZodError and SyntaxError for a bad body.
 */
export async function control(target: ControlTarget, method: string, url: URL, text: string): Promise<ControlAnswer> {
  const [, , resource, ...rest] = url.pathname.split('/');
  const body = (): unknown => JSON.parse(text);
  const query = url.searchParams;
  const limit = (): number => limitSchema.parse(query.get('limit') ?? undefined);
  const { account, webhooks } = target;
  switch (`${resource}${rest[0] === 'redeliver' ? '/redeliver' : ''}`) {
    case 'faults':
      return ruleRoute(target.faults, requestFaultSchema, { method, rest, body });
    case 'webhook-faults':
      return ruleRoute(webhooks.faults, webhookFaultSchema, { method, rest, body });
    case 'webhooks': {
      if (method === 'PUT') {
        const wanted = endpointSchema.parse(body());
        const secret = wanted.secret ?? webhooks.endpoint?.secret;
        if (wanted.url !== null && secret === undefined)
          return { status: 400, body: { error: 'A secret is needed to sign webhooks with' } };
        webhooks.endpoint = wanted.url === null || secret === undefined ? undefined : { url: wanted.url, secret };
      } else if (method !== 'GET') return NOT_FOUND;
      return ok({ url: webhooks.endpoint?.url ?? null, pending: webhooks.pending(), deliveries: webhooks.deliveries(limit()) });
    }
    case 'webhooks/redeliver': {
      const event = method === 'POST' ? account.events.get(redeliverySchema.parse(body()).eventId) : undefined;
      if (!event) return NOT_FOUND;
      webhooks.deliver(event, { plain: true });
      return ok();
    }
    case 'ledger':
      if (method !== 'GET') return NOT_FOUND;
      return ok(
        readLedger(account, {
          after: query.get('after') ?? undefined,
          orderId: query.get('order_id') ?? undefined,
          limit: limit(),
        }),
      );
    case 'requests':
      return method === 'GET' ? ok(target.log.newest(limit())) : NOT_FOUND;
    case 'reset':
      if (method !== 'POST') return NOT_FOUND;
      await target.reset();
      return ok();
    default:
      return NOT_FOUND;
  }
}
