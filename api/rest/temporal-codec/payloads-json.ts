import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import { invalid } from '../../../domain/shared/errors.ts';

// As protobuf's JSON has bytes: either alphabet of base64, padded or not.
const bytes = z
  .string()
  .regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'Must be base64')
  .transform((text) => Buffer.from(text, 'base64'));
const payloads = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), bytes).nullish(), data: bytes.nullish() })),
});

/** Temporal's message `Payloads` in protobuf's JSON. */
export interface PayloadsJson {
  readonly payloads: readonly { readonly metadata: Readonly<Record<string, string>>; readonly data: string }[];
}

/** Reads `{"payloads": [{"metadata": {name: base64}, "data": base64}]}`. Raises INVALID_INPUT with the path at fault. */
export function readPayloads(body: unknown): Payload[] {
  const parsed = payloads.safeParse(body);
  if (parsed.success) {
    return parsed.data.payloads.map(({ metadata, data }) => ({ metadata: metadata ?? null, data: data ?? null }));
  }
  const [issue] = parsed.error.issues;
  throw invalid(issue?.path.join('.') || 'body', issue?.message ?? 'Must be payloads');
}

const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');

export const writePayloads = (decoded: readonly Payload[]): PayloadsJson => ({
  payloads: decoded.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
    data: base64(data ?? new Uint8Array()),
  })),
});
