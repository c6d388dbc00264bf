import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { waitFor } from '../../tests/support/wait-for.ts';
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

test('the UI knows where payloads are decoded', { timeout: 120_000 }, async (t) => {
  const uiCodecEndpoint = 'http://localhost:4000/temporal/codec';
  const server = await startTemporal({ dataDir: undefined, port: 0, uiPort: 0, uiCodecEndpoint });
  t.after(() => server.stop());
  // The UI comes up beside the server, not before it.
  const settings = await waitFor(async () => (await fetch(`${server.uiUrl}/api/v1/settings`)).json() as Promise<UiSettings>, {
    what: "the UI's settings",
  });
  assert.equal(settings.Codec.Endpoint, uiCodecEndpoint);
});

interface UiSettings {
  readonly Codec: { readonly Endpoint: string };
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}
