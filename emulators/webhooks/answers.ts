import { z } from 'zod';

/**
 * How deliveries are answered. `take`: 204 · `fail`: a status · `limit`: 429 with Retry-After · `gone`: 410 · `hang`: never · `late`: 204
 * after so many seconds · `slow`: 200, a byte of the body at a time · `huge`: 200 with more than anybody reads · `redirect`: 302 · `drop`: the connection is cut
 */
export const answerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['take', 'gone', 'hang', 'slow', 'huge', 'redirect', 'drop']) }),
  z.strictObject({ kind: z.literal('fail'), status: z.int().min(300).max(599).default(500) }),
  z.strictObject({ kind: z.literal('late'), afterSeconds: z.number().min(0).max(300).default(5) }),
  z.strictObject({ kind: z.literal('limit'), retryAfterSeconds: z.int().min(0).max(86_400).default(10) }),
]);
export type Answer = z.infer<typeof answerSchema>;

/** An answer for some deliveries: the first rule that fits and is not used up decides. */
export const ruleSchema = z.strictObject({
  answer: answerSchema,
  /** `order.placed`, `order.*`; absent: all. */
  eventType: z.string().max(100).optional(),
  /** For so many deliveries; absent: until it is taken away. */
  times: z.int().min(1).optional(),
});
export type Rule = z.infer<typeof ruleSchema>;

const fits = ({ eventType }: Rule, type: string): boolean =>
  eventType === undefined || eventType === '*' || eventType === type || (eventType.endsWith('.*') && type.startsWith(eventType.slice(0, -1)));

/** The rules of an endpoint, in their order; without one that fits everything is taken. */
export class Answers {
  #rules: { rule: Rule; left: number }[] = [];

  set(rules: readonly Rule[]): void {
    this.#rules = rules.map((rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }));
  }

  list(): (Rule & { left: number | null })[] {
    return this.#rules.map(({ rule, left }) => ({ ...rule, left: Number.isFinite(left) ? left : null }));
  }

  next(type: string): Answer {
    const found = this.#rules.find(({ rule, left }) => left > 0 && fits(rule, type));
    if (!found) return { kind: 'take' };
    found.left -= 1;
    return found.rule.answer;
  }
}
