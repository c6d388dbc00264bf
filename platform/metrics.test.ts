import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, createMetrics, startMetricsServer } from './metrics.ts';

test('serves metrics of the process and of another source, health and readiness', async (t) => {
  let ready = false;
  const other = createMetrics({ role: 'other' });
  new Counter({ name: 'other_total', help: 'of another source', registers: [other] }).inc(3);
  const source = await startMetricsServer({ port: 0, host: '127.0.0.1', registry: other, ready: async () => true });
  const server = await startMetricsServer({
    port: 0,
    host: '127.0.0.1',
    registry: createMetrics({ role: 'worker' }),
    ready: async () => ready,
    alsoFrom: `http://127.0.0.1:${source.port}/metrics`,
  });
  t.after(() => server.close());
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return { status: response.status, body: await response.text() };
  };

  const { body } = await get('/metrics');
  assert.match(body, /process_cpu_user_seconds_total\{role="worker"\}/);
  assert.match(body, /other_total\{role="other"\} 3/);
  assert.equal((await get('/healthz')).status, 200);
  assert.equal((await get('/readyz')).status, 503);
  ready = true;
  assert.equal((await get('/readyz')).status, 200);
  assert.equal((await get('/other')).status, 404);

  await source.close();
  assert.match((await get('/metrics')).body, /process_cpu_user_seconds_total/);
});
