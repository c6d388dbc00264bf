import { z } from 'zod';
import { type Account, NO_CALL } from './account.ts';
import { requestFaultSchema, webhookFaultSchema, type RequestFault } from '../shared/fault-rules.ts';
import { findDispute, openDispute, settleDispute } from './disputes.ts';
import { readLedger } from './ledger.ts';
import { lapseAuthorization } from './payment-intents.ts';
import { seedPayments, seedSchema } from './seeding.ts';
import type { RequestLog } from '../shared/request-log.ts';
import type { RuleBook } from '../shared/rule-book.ts';
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
const disputeSchema = z.strictObject({
  paymentIntent: z.string(),
  amount: z.int().min(1).optional(),
  reason: z.string().min(1).optional(),
  inquiry: z.boolean().optional(),
  evidenceSeconds: z.int().min(1).optional(),
});
const settlementSchema = z.strictObject({ outcome: z.enum(['won', 'lost']) });
const settingsSchema = z.strictObject({ authorizationSeconds: z.int().min(0) });
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

const conflict = (error: string): ControlAnswer => ({ status: 409, body: { error } });

/** `disputes` (POST) and `disputes/:id/settle` (POST). */
function disputeRoute(account: Account, [id, action]: readonly string[], body: () => unknown): ControlAnswer {
  if (id === undefined) {
    const { paymentIntent, ...terms } = disputeSchema.parse(body());
    const charge = account.charges.get(account.intents.get(paymentIntent)?.latest_charge ?? '');
    if (!charge) return NOT_FOUND;
    if (charge.amount_captured === 0 || charge.disputed) return conflict('The charge was not captured, or is disputed already');
    return ok({ id: openDispute(account, charge, terms).id });
  }
  if (action !== 'settle' || !account.disputes.get(id)) return NOT_FOUND;
  const { outcome } = settlementSchema.parse(body());
  const settled = settleDispute(account, findDispute(account, id), outcome, NO_CALL);
  return settled ? ok() : conflict('The dispute is closed already');
}

/** `payment-intents/:id/lapse` (POST). */
function lapseRoute(account: Account, [id = '', action]: readonly string[]): ControlAnswer {
  const intent = account.intents.get(id);
  if (!intent || action !== 'lapse') return NOT_FOUND;
  return lapseAuthorization(account, intent, NO_CALL) ? ok() : conflict('The payment has no open authorization');
}

/**
 * Answers the control API under `/_emulator`:
 * `faults` and `webhook-faults` (GET, POST, DELETE, `/:id` DELETE, `/:id/release` POST), `webhooks` (GET, PUT,
 * `/redeliver` POST), `disputes` (POST, `/:id/settle` POST), `payment-intents/:id/lapse`, `seed` (POST), `settings` (PUT),
 * `ledger`, `requests` (GET) and `reset` (POST). Raises ZodError and SyntaxError for a bad body.
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
    case 'disputes':
      return method === 'POST' ? disputeRoute(account, rest, body) : NOT_FOUND;
    case 'payment-intents':
      return method === 'POST' ? lapseRoute(account, rest) : NOT_FOUND;
    case 'seed': {
      if (method !== 'POST') return NOT_FOUND;
      const movements = await seedPayments(account, seedSchema.parse(body()));
      return movements === undefined ? conflict('The account holds newer payments: reset it first') : ok({ movements });
    }
    case 'settings':
      if (method !== 'PUT') return NOT_FOUND;
      account.authorizationSeconds = settingsSchema.parse(body()).authorizationSeconds;
      return ok();
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
