import type { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { Side } from './shipment.ts';

export interface ApiCall {
  readonly method: string;
  /** Below the side's own path: `/v1/labels`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The body as it came. */
  readonly text: string;
  readonly key: string | undefined;
  /** How the outside reaches the side: `http://…/carrier`. */
  readonly baseUrl: string;
}

export interface ApiReply {
  readonly status: number;
  readonly body: unknown;
  readonly replayed?: boolean;
}

export type Routes = (call: ApiCall) => ApiReply;

/** Where the API of a side begins. */
export const pathOf = (side: Side): string => `/${side}`;

/** The body, checked. Raises invalid_request naming the field. */
export function parseBody<T>(schema: z.ZodType<T>, { text }: ApiCall): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(400, 'invalid_request', 'The body is no JSON');
  }
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new ApiError(400, 'invalid_request', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not right'}`);
}

/** Raises idempotency_key_missing: what makes something is only done under a key. */
export function keyOf({ key }: ApiCall): string {
  if (key === undefined || key === '') throw new ApiError(400, 'idempotency_key_missing', 'The header Idempotency-Key is needed');
  return key;
}
