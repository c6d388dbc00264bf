import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Refused } from '../shared/inbox-worker.ts';
import { Forged, type Source } from '../shared/receiver.ts';

/** A parcel as the warehouse tells it. */
export interface LogisticsOrder {
  readonly orderId: string;
  /** Our fulfillment. */
  readonly externalId: string;
  readonly status: 'OPEN' | 'PICKING' | 'PACKED' | 'DISPATCHED' | 'DELIVERED' | 'RETURNED' | 'CANCELLED' | 'REJECTED';
  readonly message: string | null;
  readonly parcel: { readonly carrier: string; readonly trackingNumber: string; readonly trackingUrl: string; readonly labelUrl: string } | null;
}

/** It is too late to stop the parcel. */
export class TooLate extends Error {}

export interface LogisticsApi {
  /** Under its key; repeating it gives the same order. Raises `Refused` for what the warehouse does not take. */
  create(order: Readonly<Record<string, unknown>>, key: string): Promise<LogisticsOrder>;
  /** The newest with our id. */
  find(externalId: string): Promise<LogisticsOrder | undefined>;
  /** Raises `TooLate`. */
  cancel(orderId: string): Promise<void>;
}

const TIMEOUT_MS = 15_000;

export function createLogisticsApi({ url, apiKey }: { url: string; apiKey: string }): LogisticsApi {
  async function call<Answer>(method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
    const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, ...(key === undefined ? {} : { 'idempotency-key': key }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = await response.text();
    if (response.ok) return JSON.parse(answer) as Answer;
    const told = `${method} ${path}: ${response.status} ${answer.slice(0, 300)}`;
    if (response.status === 409 && answer.includes('too_late')) throw new TooLate(told);
    if (response.status === 400 || response.status === 422) throw new Refused(told);
    throw new Error(told);
  }
  return {
    create: (order, key) => call('POST', '/v1/orders', order, key),
    async find(externalId) {
      const { orders } = await call<{ orders: LogisticsOrder[] }>('GET', `/v1/orders?externalId=${encodeURIComponent(externalId)}`);
      return orders[0];
    },
    cancel: (orderId) => call('POST', `/v1/orders/${encodeURIComponent(orderId)}/cancel`),
  };
}

const TOLERANCE_MS = 5 * 60_000;

/** The warehouse's events: `Shipping-Signature: t=<seconds>,v1=<hex HMAC-SHA-256 of "<t>.<body>">`. */
export function logisticsEvents(secret: string): Source {
  return (body: string, headers: IncomingHttpHeaders) => {
    const [, seconds = '', signature = ''] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(String(headers['shipping-signature'] ?? '')) ?? [];
    const expected = createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
    const given = Buffer.from(signature, 'hex');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Forged('The signature does not hold');
    if (Math.abs(Date.now() - Number(seconds) * 1_000) > TOLERANCE_MS) throw new Forged('The signature is too old');
    const { id, type, data } = JSON.parse(body) as { id: string; type: string; data: LogisticsOrder };
    return { id: `3pl/${id}`, kind: type, thing: data.externalId, sequence: 0, body: data };
  };
}
