import { z } from 'zod';

const metadata = z.record(z.string(), z.string());
const choice = {
  /** How many times the rule applies; without end when absent. */
  times: z.int().min(1).optional(),
  /** Chance of each match, 0 to 1; certain when absent. */
  probability: z.number().min(0).max(1).optional(),
  /** Seed of the rule's own random numbers. */
  seed: z.int().optional(),
};

/**
 * What a scripted fault does to a request. Stages: `before` it reaches the API, `during` its execution (its idempotency key
 * is held), `after` it.
 */
const requestEffect = z.discriminatedUnion('kind', [
  /** The card is declined, with an error code or a decline code. */
  z.strictObject({ kind: z.literal('decline'), code: z.string().min(1) }),
  /** The connection is cut without an answer. */
  z.strictObject({ kind: z.literal('drop'), stage: z.enum(['before', 'after']) }),
  /** The request waits `ms`, or until it is released. */
  z.strictObject({ kind: z.literal('hold'), stage: z.enum(['before', 'during', 'after']), ms: z.int().min(0).optional() }),
  /**
   * The answer is an error. `stored` decides whether it is kept under the idempotency key (and so replayed); by default an
   * error after execution is, and one before is not.
   */
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(400).max(599),
    stage: z.enum(['before', 'after']),
    retryAfterSeconds: z.int().min(0).optional(),
    stored: z.boolean().optional(),
  }),
]);

/**
 * A fault of requests. `path` may hold `*` for one segment; `metadata` and `paymentMethod` look at the request and at the
 * intent that it is about.
 */
export const requestFaultSchema = z.strictObject({
  match: z
    .strictObject({
      method: z.enum(['GET', 'POST', 'DELETE']).optional(),
      path: z.string().optional(),
      paymentMethod: z.string().optional(),
      metadata: metadata.optional(),
      idempotencyKey: z.string().optional(),
    })
    .optional(),
  ...choice,
  effect: requestEffect,
});

/** A fault of webhook deliveries. */
export const webhookFaultSchema = z.strictObject({
  match: z.strictObject({ type: z.string().optional(), metadata: metadata.optional() }).optional(),
  ...choice,
  effect: z.discriminatedUnion('kind', [
    /** Never delivered, unless by redelivery. */
    z.strictObject({ kind: z.literal('drop') }),
    /** Delivered `count` times in all. */
    z.strictObject({ kind: z.literal('duplicate'), count: z.int().min(2).max(100) }),
    z.strictObject({ kind: z.literal('delay'), ms: z.int().min(0) }),
    /** Kept until it is released. */
    z.strictObject({ kind: z.literal('hold') }),
    /** Kept until `size` deliveries are together, then sent one after the other, last first. */
    z.strictObject({ kind: z.literal('reorder'), size: z.int().min(2).max(1000) }),
  ]),
});

export type RequestFault = z.infer<typeof requestFaultSchema>;
export type RequestEffect = RequestFault['effect'];
export type WebhookFault = z.infer<typeof webhookFaultSchema>;
