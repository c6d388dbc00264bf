import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { httpEndpoint } from '../../tests/webhooks/local-endpoint.ts';
import { createHostResolver } from './resolve-host.ts';
import { createWebhookSender } from './webhook-sender.ts';

test('a name is asked for once at a time', async () => {
  const resolve = createHostResolver();
  const first = resolve('localhost');
  assert.equal(resolve('localhost'), first);
  const addresses = await first;
  assert.ok(addresses.length > 0 && addresses.every((address) => isIP(address) !== 0), addresses.join());
  assert.notEqual(resolve('localhost'), first);
});

test('a name of this machine is refused, unless it is allowed', async (t) => {
  const endpoint = await httpEndpoint(t, (_incoming, answer) => void answer.end());
  const request = {
    url: `http://localhost:${endpoint.port}/`,
    method: 'POST',
    headers: {},
    body: '{}',
    timeoutMs: 10_000,
    maxResponseBytes: 100,
    authentication: { type: 'none' },
  } as const;
  for (const allowedNetworks of [[], ['127.0.0.0/8', '::1']]) {
    const sender = createWebhookSender({ allowedNetworks, allowHttp: true });
    t.after(() => sender.close());
    const answer = await sender.send(request);
    assert.equal(answer.kind, allowedNetworks.length === 0 ? 'refused' : 'answered', JSON.stringify(answer));
  }
  assert.equal(endpoint.connections(), 1);
});
