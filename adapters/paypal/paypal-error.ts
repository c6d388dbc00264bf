import { z } from 'zod';

/** What PayPal says when it refuses; its other route for tokens says it in other words. */
const Refusal = z.looseObject({
  name: z.string().optional(),
  error: z.string().optional(),
  message: z.string().optional(),
  debug_id: z.string().optional(),
  details: z.array(z.looseObject({ issue: z.string().optional(), description: z.string().optional() })).optional(),
});

/** An answer of PayPal as it came. */
export interface PaypalAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

function readRefusal(text: string): z.infer<typeof Refusal> {
  try {
    return Refusal.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** PayPal answered with a status of 400 or above. */
export class PaypalError extends Error {
  readonly status: number;
  /** The kind of refusal, such as `UNPROCESSABLE_ENTITY`, and what it is about, such as `INSTRUMENT_DECLINED`. */
  readonly codes: readonly string[];
  /** PayPal's sentence about the first issue or, when it names none, about the whole. */
  readonly description: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor({ status, headers, text }: PaypalAnswer) {
    const { name, error, message, details = [], debug_id: debugId } = readRefusal(text);
    const codes = [name ?? error, ...details.map(({ issue }) => issue)].filter((code) => code !== undefined);
    super(`PayPal answered ${status}${codes.length > 0 ? ` ${codes.join(', ')}` : ''}${debugId ? ` (${debugId})` : ''}`);
    this.name = 'PaypalError';
    this.status = status;
    this.codes = codes;
    this.description = details[0]?.description ?? message;
    const seconds = Number(headers['retry-after']);
    this.retryAfterSeconds = Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
  }

  hasCode(known: ReadonlySet<string>): boolean {
    return this.codes.some((code) => known.has(code));
  }
}
