import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../../platform/ports.ts';
import { startService } from '../../scripts/service-process.ts';
import { startStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { merchandised } from './merchandised-store.ts';

it('a worker that begins follows the catalog before its workflows are loaded', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'headlesspro-pipe-'));
  const store = await startStore([{ sku: 'MUG', price: 1_000, stock: 5 }]);
  try {
    const shop = merchandised(store);
    const found = await shop.until('the product', { text: 'mug' }, ({ totalCount }) => totalCount === 1);
    await store.worker.kill();
    // Nobody writes into the pipe: its reader waits for the workflows for ever.
    const pipe = join(directory, 'workflows.js');
    await promisify(execFile)('mkfifo', [pipe]);
    const port = await freePort();
    const worker = await startService({
      name: 'worker',
      script: 'workers/main.ts',
      env: { ...store.stack.env, WORKFLOW_BUNDLE: pipe, WORKER_METRICS_PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
      logFile: join(directory, 'worker.log'),
    });
    try {
      await store.admin('mutation U($input: ProductUpdateInput!) { productUpdate(input: $input) { __typename } }', { input: { id: found.nodes[0]?.id, title: 'Tankard' } });
      await waitFor(async () => (await shop.titles('tankard')).includes('Tankard'), { what: 'the change to be found', timeoutMs: 60_000 });
    } finally {
      await worker.kill();
    }
  } finally {
    await store.close();
    await rm(directory, { recursive: true });
  }
});
