import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { startTemporal } from './dev-server.ts';

test('a dev server keeps its workflows over a kill and a restart', { timeout: 120_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'headlesspro-temporal-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));

  const first = await startTemporal({ dataDir, port: 0, uiPort: undefined });
  t.after(() => first.stop());
  const workflowId = 'kept/1';
  await withClient(first.address, (client) => client.workflow.start('nobodyRunsIt', { workflowId, taskQueue: 'none' }));
  await first.child.kill();

  const second = await startTemporal({ dataDir, port: 0, uiPort: undefined });
  t.after(() => second.stop());
  const description = await withClient(second.address, (client) => client.workflow.getHandle(workflowId).describe());
  assert.equal(description.status.name, 'RUNNING');
  await second.stop();
  assert.equal(second.child.running(), false);
});

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}
