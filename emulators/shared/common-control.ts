import { z } from 'zod';
import { requestFaultSchema, webhookFaultSchema, type RequestFault } from './fault-rules.ts';
import type { RequestLog } from './request-log.ts';
import type { RuleBook } from './rule-book.ts';
import type { WebhookSender } from './webhook-sender.ts';

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A request to the control API, below `/_emulator`. */
export interface ControlRequest {
  readonly method: string;
  /** The path's segments: `['faults', 'fault_1', 'release']`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** The body as JSON. Throws SyntaxError when it is none. */
  body(): unknown;
}

export interface CommonTarget<Event> {
  readonly faults: RuleBook<RequestFault>;
  readonly webhooks: WebhookSender<Event>;
  readonly log: RequestLog;
  event(id: string): Event | undefined;
  reset(): void;
}

const limitSchema = z.coerce.number().int().min(1).max(1000).default(100);
const redeliverySchema = z.strictObject({ eventId: z.string() });

export const ok = (body: unknown = {}): ControlAnswer => ({ status: 200, body });
export const NOT_FOUND: ControlAnswer = { status: 404, body: { error: 'There is no such thing' } };
export const conflict = (error: string): ControlAnswer => ({ status: 409, body: { error } });
export const limitOf = ({ query }: ControlRequest): number => limitSchema.parse(query.get('limit') ?? undefined);

function ruleRoute<R extends { times?: number | undefined }>(
  book: RuleBook<R>,
  schema: z.ZodType<R>,
  { method, path, body }: ControlRequest,
): ControlAnswer {
  const [, id, action] = path;
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

/** Answers what the control API of every emulator does: faults, deliveries, requests, reset; undefined: it is none of these. */
export function commonControl<Event>(target: CommonTarget<Event>, request: ControlRequest): ControlAnswer | undefined {
  const { method, path } = request;
  switch (path.join('/')) {
    case 'webhooks':
      if (method !== 'GET') return undefined;
      return ok({
        url: target.webhooks.endpoint?.url ?? null,
        pending: target.webhooks.pending(),
        deliveries: target.webhooks.deliveries(limitOf(request)),
      });
    case 'webhooks/redeliver': {
      const event = method === 'POST' ? target.event(redeliverySchema.parse(request.body()).eventId) : undefined;
      if (!event) return NOT_FOUND;
      target.webhooks.deliver(event, { plain: true });
      return ok();
    }
    case 'requests':
      return method === 'GET' ? ok(target.log.newest(limitOf(request))) : NOT_FOUND;
    case 'reset':
      if (method !== 'POST') return NOT_FOUND;
      target.reset();
      return ok();
  }
  if (path[0] === 'faults') return ruleRoute(target.faults, requestFaultSchema, request);
  if (path[0] === 'webhook-faults') return ruleRoute(target.webhooks.faults, webhookFaultSchema, request);
  return undefined;
}
