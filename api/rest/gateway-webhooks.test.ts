import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import express, { type ErrorRequestHandler } from 'express';
import Stripe from 'stripe';
import { createStripeGateway } from '../../adapters/stripe/stripe-gateway.ts';
import type { GatewayEvent } from '../../domain/payments/gateway.ts';
import { createGateways } from '../../domain/payments/gateways.ts';
import { toHttpError } from '../errors.ts';
import { gatewayWebhooks } from './gateway-webhooks.ts';

const SECRET = 'whsec_test_of_the_route';
const stripe = new Stripe('sk_test_unused');
const stored = new Map<string, GatewayEvent>();
let server: Server;
let url: string;

before(async () => {
  const gateway = createStripeGateway({ apiKey: 'sk_test_unused', webhookSecret: SECRET, timeoutMs: 1_000 });
  const inbox = {
    async store(_gateway: string, event: GatewayEvent) {
      if (stored.has(event.id)) return 'duplicate' as const;
      stored.set(event.id, event);
      return 'stored' as const;
    },
  };
  const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
    const { status, body } = toHttpError(error, 'trace');
    response.status(status).json(body);
  };
  server = createServer(express().use(gatewayWebhooks({ gateways: createGateways([gateway]), inbox })).use(answerError));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`;
});

after(() => new Promise((resolve) => server.close(resolve)));

const event = (id: string): string =>
  JSON.stringify({
    id,
    object: 'event',
    api_version: '2026-01-01',
    created: 1_790_000_000,
    type: 'payment_intent.succeeded',
    data: { object: { id: 'pi_1', object: 'payment_intent', status: 'succeeded', amount: 100, currency: 'eur', metadata: {} } },
  });

const sign = (payload: string, secret = SECRET): string => stripe.webhooks.generateTestHeaderString({ payload, secret });

interface Answer {
  readonly received?: boolean;
  readonly duplicate?: boolean;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string; readonly field: string } }[];
}

async function post(body: string, signature: string | undefined): Promise<{ status: number; body: Answer }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(signature !== undefined && { 'stripe-signature': signature }) },
    body,
  });
  return { status: response.status, body: (await response.json()) as Answer };
}

test('a signed event is kept, and kept once', async () => {
  const payload = event('evt_1');
  assert.deepEqual(await post(payload, sign(payload)), { status: 200, body: { received: true, duplicate: false } });
  assert.deepEqual(await post(payload, sign(payload)), { status: 200, body: { received: true, duplicate: true } });
  assert.equal(stored.get('evt_1')?.gatewayRef, 'pi_1');
});

test('a signature that is missing, malformed, of another secret or of another body is refused, and nothing is kept', async () => {
  const payload = event('evt_2');
  for (const signature of [undefined, 'nonsense', 't=1,v1=00', sign(payload, 'whsec_other'), sign(event('evt_3'))]) {
    const { status, body } = await post(payload, signature);
    assert.equal(status, 400, signature);
    assert.deepEqual(body.errors?.[0]?.extensions, { code: 'INVALID_INPUT', field: 'signature' });
  }
  assert.equal(stored.has('evt_2'), false);
});

test('a gateway that the store does not have is not found', async () => {
  const response = await fetch(url.replace('/stripe', '/paypal'), { method: 'POST', body: '{}' });
  assert.equal(response.status, 404);
});

test('an empty body is refused', async () => {
  assert.equal((await post('', sign(''))).status, 400);
});
