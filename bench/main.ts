import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import type { Store } from '../scripts/start-store.ts';
import { seedBenchCatalog } from '../scripts/seed/bench-catalog.ts';
import { crash } from './crash.ts';
import { openStore } from './open-store.ts';
import { sqlFloor, workflowFloor } from './floors.ts';
import { report } from './report.ts';
import { pool, random, round, spread, sustained, tally } from './statistics.ts';
import { Storefront, STEPS, type Flow } from './storefront.ts';

const { values } = parseArgs({
  options: {
    /** `disk`, `memory`, or the address of a server of your own. */
    temporal: { type: 'string', default: 'disk' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const parts = values.only?.split(',');
const wanted = (part: string): boolean => parts === undefined || parts.includes(part);
const log = (...words: unknown[]): void => console.error(new Date().toISOString().slice(11, 19), ...words);

const PRODUCTS = 1_000;
/** Products beyond this one are kept for the oversell test. */
const ORDINARY = 950;
const RUNS = values.quick ? ([[10, 1], [24, 8], [64, 32]] as const) : ([[100, 1], [400, 8], [400, 32]] as const);
const READ_SECONDS = values.quick ? 3 : 10;
const below = random(Number(process.env['BENCH_SEED'] ?? 42));

const memoryOf = (pid: number | undefined) => {
  if (pid === undefined) return null;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (key: string): number => Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return { rssMiB: mebibytes('VmRSS'), peakMiB: mebibytes('VmHWM') };
};

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(os.tmpdir(), 'headlesspro-bench-'));
  const result: Record<string, unknown> = { store: 'headlesspro', startedAt: new Date().toISOString(), temporal: values.temporal, node: process.version, cpus: os.cpus().length, loadAtStart: os.loadavg().map((load) => round(load, 2)) };
  const begun = performance.now();
  const store = await openStore(dataDir, values.temporal, log);
  const database = new pg.Pool({ connectionString: store.databaseUrl, max: 4 });
  try {
    result['startup'] = { readyMs: round(performance.now() - begun, 0) };
    log('Filling the catalog');
    await seedBenchCatalog(store.databaseUrl, { products: PRODUCTS, variantsPerProduct: 2, stock: 100_000 });
    await store.api.restart();
    await measure(store, database, result);
  } finally {
    await database.end();
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
  result['finishedAt'] = new Date().toISOString();
  const path = values.out ?? fileURLToPath(new URL(`./results/${values.temporal.replaceAll(/[^a-z0-9]/gi, '-')}.json`, import.meta.url));
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `${JSON.stringify(result, null, 1)}\n`);
  console.log(report(result));
}

async function measure(store: Store, database: pg.Pool, result: Record<string, unknown>): Promise<void> {
  const storefront = new Storefront(`http://127.0.0.1:${store.config.http.port}`);
  const variants = (await database.query<{ id: string; sku: string }>('SELECT id, sku FROM variants ORDER BY sku')).rows;
  const productOf = (sku: string): number => Number(sku.split('-')[1]);
  const ordinary = variants.filter((variant) => productOf(variant.sku) <= ORDINARY);
  const reserved = variants.filter((variant) => productOf(variant.sku) > ORDINARY);
  const memory = () => ({ api: memoryOf(store.api.pid()), worker: memoryOf(store.worker.pid()) });

  let flows = 0;
  const newFlow = (variantIds: readonly string[]): Flow => {
    flows += 1;
    return { variantIds, number: flows, email: `b${flows}@example.com`, ms: {} };
  };
  const basket = (): string[] => {
    const a = below(ordinary.length);
    const b = below(ordinary.length - 1);
    return [ordinary[a]?.id ?? '', ordinary[b >= a ? b + 1 : b]?.id ?? ''];
  };
  const ordersOf = async (done: readonly Flow[]): Promise<number> =>
    Number((await database.query<{ count: number }>('SELECT count(*) FROM orders WHERE cart_id = ANY($1)', [done.map((flow) => flow.cartId)])).rows[0]?.count);

  result['memoryIdle'] = memory();
  log('Warming up');
  await pool(values.quick ? 10 : 60, 4, async () => void (await storefront.run(newFlow(basket()))));

  if (wanted('read')) {
    const cursors: (string | undefined)[] = [undefined];
    for (let next = await storefront.listing(); next !== null; next = await storefront.listing(next)) cursors.push(next);
    const page = (): string | undefined => cursors[below(cursors.length - 1)];
    await sustained(async () => void (await storefront.listing(page())), 2, 16);
    result['listing20'] = await sustained(async () => void (await storefront.listing(page())), READ_SECONDS, 16);
    log('listing', JSON.stringify(result['listing20']));
    result['detail'] = await sustained(() => storefront.detail(`product-${1 + below(PRODUCTS)}`), READ_SECONDS, 16);
    log('detail', JSON.stringify(result['detail']));
  }

  if (wanted('flow')) {
    const checkout = [];
    for (const [n, concurrency] of RUNS) {
      const done: Flow[] = [];
      const errors: string[] = [];
      const wholeMs: number[] = [];
      const start = performance.now();
      await pool(n, concurrency, async () => {
        const flow = newFlow(basket());
        const flowStart = performance.now();
        try {
          await storefront.run(flow);
          wholeMs.push(performance.now() - flowStart);
          done.push(flow);
        } catch (error) {
          errors.push(`${flow.at}: ${String(error).slice(0, 120)}`);
        }
      });
      const seconds = (performance.now() - start) / 1000;
      const steps = Object.fromEntries(STEPS.map((step) => [step, spread(done.map((flow) => flow.ms[step] ?? Number.NaN))]));
      const run = { concurrency, flows: n, placed: done.length, inDatabase: await ordersOf(done), errors: errors.length, errorKinds: tally(errors), flowsPerSecond: round(done.length / seconds, 2), completeMs: steps['complete'], wholeFlowMs: spread(wholeMs), stepsP50: Object.fromEntries(STEPS.map((step) => [step, steps[step]?.p50])) };
      checkout.push(run);
      log('checkout', JSON.stringify(run));
    }
    result['checkout'] = checkout;
    result['memoryAfterLoad'] = memory();
  }

  if (wanted('floor')) {
    result['sqlFloor'] = await sqlFloor(store.databaseUrl, RUNS);
    log('plain SQL', JSON.stringify(result['sqlFloor']));
    result['workflowFloor'] = await workflowFloor(store.temporalAddress, store.config.temporal.namespace, RUNS);
    log('empty workflow', JSON.stringify(result['workflowFloor']));
  }

  if (wanted('oversell')) {
    const [variant] = reserved;
    if (!variant) throw new Error('no variant is kept for the oversell test');
    await leaveAvailable(database, variant.id, 10);
    const buyers = Array.from({ length: 60 }, () => newFlow([variant.id]));
    await pool(60, 8, async (index) => {
      const flow = buyers[index];
      if (flow) await storefront.run(flow, 'shipping');
    });
    const start = performance.now();
    await Promise.allSettled(buyers.map((flow) => storefront.complete(flow)));
    result['oversell'] = { buyers: 60, units: 10, placed: buyers.filter((flow) => flow.orderId).length, inDatabase: await ordersOf(buyers), refusals: tally(buyers.flatMap((flow) => flow.refusal ?? [])), ms: round(performance.now() - start, 0) };
    log('oversell', JSON.stringify(result['oversell']));
  }

  if (wanted('double')) {
    let alike = 0;
    const carts: Flow[] = [];
    for (let i = 0; i < (values.quick ? 10 : 50); i += 1) {
      const flow = await storefront.run(newFlow(basket()), 'shipping');
      carts.push(flow);
      const [a, b] = [{ ...flow }, { ...flow }];
      await Promise.all([storefront.complete(a), storefront.complete(b)]);
      if (a.orderId === b.orderId) alike += 1;
    }
    const charges = await database.query<{ count: number }>("SELECT count(*) FROM payment_operations o JOIN payments p ON p.id = o.payment_id JOIN checkouts k ON k.id = p.checkout_id WHERE o.kind = 'authorize' AND o.status = 'succeeded' AND k.cart_id = ANY($1)", [carts.map((flow) => flow.cartId)]);
    result['doubleSubmit'] = { carts: carts.length, bothAnsweredTheSameOrder: alike, orders: await ordersOf(carts), charges: Number(charges.rows[0]?.count) };
    log('double', JSON.stringify(result['doubleSubmit']));
  }

  if (wanted('crash')) {
    result['crash'] = await crash({ store, storefront, database, newFlow: () => newFlow(basket()), log });
    log('crash', JSON.stringify(result['crash']));
  }
}

/** Leaves so many units of a variant to be had, by a ledgered adjustment. */
async function leaveAvailable(database: pg.Pool, variantId: string, units: number): Promise<void> {
  await database.query(
    `WITH level AS (
       SELECT l.id, row_number() OVER (ORDER BY l.id) AS place, l.on_hand, l.allocated + l.held AS promised FROM stock_levels l
       JOIN variant_inventory_items vi ON vi.inventory_item_id = l.inventory_item_id WHERE vi.variant_id = $1
     ), changed AS (
       UPDATE stock_levels l SET on_hand = level.promised + CASE WHEN level.place = 1 THEN $2::int ELSE 0 END FROM level WHERE l.id = level.id
       RETURNING l.id, l.on_hand - level.on_hand AS delta
     )
     INSERT INTO stock_movements (stock_level_id, kind, on_hand_delta, reference_id, reason) SELECT id, 'adjustment', delta, 'bench-' || id, 'bench' FROM changed`,
    [variantId, units],
  );
}

await main();
