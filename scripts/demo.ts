import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import pg from 'pg';
import { Storefront, type Flow } from '../bench/storefront.ts';
import { stripeEmulatorControl } from '../emulators/stripe/control.ts';
import { freePort } from '../platform/ports.ts';
import { checkoutWorkflowId } from '../temporal/contracts/checkout.ts';
import { connectClient } from '../temporal/runtime/connection.ts';
import { startStore, type Store } from './start-store.ts';
import { toldSteps } from './workflow-steps.ts';

/**
 * A guided tour: an order is placed, the worker is killed while the payment is in flight, and everything comes out right.
 * It brings a store of its own on free ports; a store that runs already is left alone.
 */
const say = (text = ''): void => console.log(text);
const step = (text: string): void => say(`\n\u001b[1m${text}\u001b[0m`);

interface Counts {
  orders: number;
  units: number;
}

async function tour(store: Store, client: Client, database: pg.Pool): Promise<void> {
  const shop = new Storefront(`http://127.0.0.1:${store.config.http.port}`);
  const gateway = stripeEmulatorControl(store.config.stripe.baseUrl ?? '');
  const { rows } = await database.query<{ id: string; title: string; sku: string }>(
    `SELECT v.id, p.title, v.sku FROM variants v JOIN products p ON p.id = v.product_id JOIN variant_inventory_items vi ON vi.variant_id = v.id
     JOIN stock_levels l USING (inventory_item_id) WHERE l.on_hand > 10 ORDER BY v.sku LIMIT 1`,
  );
  const [mug] = rows;
  if (!mug) throw new Error('The demo store has nothing to sell');
  const flow: Flow = { variantIds: [mug.id], number: 1, email: 'ada@example.com', ms: {} };

  step(`1. Ada puts a ${mug.title} (${mug.sku}) into her cart, gives her address and chooses how to ship`);
  await shop.run(flow, 'shipping');
  const workflowId = checkoutWorkflowId(flow.cartId ?? '');
  say(`   cart ${flow.cartId ?? ''}`);

  step('2. She pays. The gateway charges the card, and takes its time to answer');
  const held = await gateway.addFault({ match: { method: 'POST', path: '/v1/payment_intents' }, times: 1, effect: { kind: 'hold', stage: 'after' } });
  const answer = shop.complete(flow).then(
    () => 'an order',
    (error: unknown) => String(error),
  );
  while (!(await gateway.faults()).some((fault) => fault.id === held && fault.held > 0)) await pause(10);
  say('   the money has moved at the gateway; the store does not know it yet');

  step('3. In this moment the worker is killed: SIGKILL, no goodbye');
  const pid = store.worker.pid();
  await store.worker.kill();
  await gateway.releaseFault(held);
  say(`   worker ${pid ?? ''} is gone; the workflow ${workflowId} is not`);

  step('4. Another worker starts');
  const begun = performance.now();
  await store.worker.restart();
  say(`   worker ${store.worker.pid() ?? ''} is ready after ${Math.round(performance.now() - begun)} ms; Temporal hands it the unfinished task`);
  say(`   Ada, who has waited all along, gets ${await answer} after ${Math.round(performance.now() - begun)} ms`);

  step('5. What the workflow did');
  for await (const line of toldSteps(client, workflowId)) say(`   ${line}`);

  step('6. The books');
  const { rows: counts } = await database.query<Counts>(
    `SELECT (SELECT count(*)::int FROM orders WHERE cart_id = $1) AS orders,
       (SELECT coalesce(sum(m.allocated_delta), 0)::int FROM stock_movements m JOIN orders o ON o.id = m.reference_id WHERE o.cart_id = $1) AS units`,
    [flow.cartId],
  );
  let charges = 0;
  for await (const entry of gateway.ledger({ orderId: flow.orderId ?? '' })) if (entry.captured > 0) charges += 1;
  say(`   ${counts[0]?.orders ?? 0} order, ${charges} charge at the gateway, ${counts[0]?.units ?? 0} unit allocated`);
  say(`\n   See it in Temporal's UI: ${store.urls.temporalUi}/namespaces/${store.config.temporal.namespace}/workflows/${encodeURIComponent(workflowId)}`);
  if (counts[0]?.orders !== 1 || charges !== 1) throw new Error('The books are wrong');
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'headlesspro-demo-'));
  say('Starting a store for the tour');
  const ports = Object.fromEntries(
    await Promise.all(
      ['PORT', 'POSTGRES_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'STRIPE_EMULATOR_PORT', 'WORKER_METRICS_PORT'].map(async (name) => [name, String(await freePort())] as const),
    ),
  );
  const store = await startStore({ env: { PATH: process.env['PATH'], HOME: process.env['HOME'], DATA_DIR: dataDir, TRUST_PROXY: '1', ...ports }, onProgress: (line) => say(`   ${line}`) });
  const { client, connection } = await connectClient(store.config);
  const database = new pg.Pool({ connectionString: store.databaseUrl, max: 2 });
  const finish = async (): Promise<void> => {
    await database.end();
    await connection.close();
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await tour(store, client, database);
    if (process.stdin.isTTY) {
      say('\nThe store stays open for you to look around. Ctrl-C ends it.');
      await new Promise<void>((resolve) => process.once('SIGINT', () => resolve()));
    }
  } finally {
    await finish();
  }
}

process.exitCode = await main().then(
  () => 0,
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  },
);
if (process.channel !== undefined) process.disconnect();
