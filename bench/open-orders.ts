import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ephemeral, openDatabase, type Database } from '../adapters/postgres/database.ts';
import { orderStateQuery, orderWorkflowId } from '../temporal/contracts/orders.ts';
import { createActorStarter } from '../temporal/runtime/actor-starter.ts';
import { connectClient } from '../temporal/runtime/connection.ts';
import { createOrderProcess } from '../temporal/runtime/order-process.ts';
import { fillStore } from '../tests/support/demo-catalog.ts';
import { startStack } from '../tests/support/stack.ts';
import { pool, round, spread } from './statistics.ts';

/** What many open orders cost one worker: its memory while they are woken, while they sleep, and while each gets a command. */
const { values } = parseArgs({ options: { orders: { type: 'string', default: '10000' } } });
const ORDERS = Number(values.orders);
const STEPS = 10;
const AT_ONCE = 24;
const QUIET_MS = 10_000;

const log = (...words: unknown[]): void => console.error(new Date().toISOString().slice(11, 19), ...words);

/** Resident memory of a process, MiB. */
const residentMiB = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);

/** Paid orders with one line each, written straight into the tables: placing them is measured elsewhere. */
async function bookOrders(database: Database, channelId: string, variantId: string): Promise<string[]> {
  const id = (prefix: string): string => `'${prefix}_0BENCH' || lpad(n::text, 20, '0')`;
  const each = (text: string): Promise<number> => database.run(ephemeral(text.replaceAll(':n', `generate_series(1, ${ORDERS}) AS n`)));
  await each(`INSERT INTO carts (id, token_hash, channel_id, currency, status) SELECT ${id('cart')}, sha256(n::text::bytea), '${channelId}', 'USD', 'completed' FROM :n`);
  await each(`INSERT INTO checkouts (id, cart_id, channel_id, attempt, order_id, status, currency, total, snapshot, payment_method, email_key, address_key, network_key, hold_expires_at)
    SELECT ${id('chk')}, ${id('cart')}, '${channelId}', 1, ${id('ord')}, 'placed', 'USD', 2500, '{}', '', 'e', 'a', 'n', now() FROM :n`);
  await each(`INSERT INTO orders (id, channel_id, sequence, number, cart_id, checkout_id, status, payment_status, fulfillment_status, email, currency, subtotal, discount, shipping, tax,
      total, prices_include_tax, tax_lines, shipping_address, billing_address, shipping_method)
    SELECT ${id('ord')}, '${channelId}', n, 'B-' || n, ${id('cart')}, ${id('chk')}, 'placed', 'captured', 'unfulfilled', 'b@example.com', 'USD', 2500, 0, 0, 0, 2500, false, '[]', '{}', '{}', '{}' FROM :n`);
  await each(`INSERT INTO order_lines (id, order_id, position, variant_id, sku, product_title, variant_title, quantity, unit_amount, subtotal, discount, tax, total)
    SELECT ${id('oli')}, ${id('ord')}, 1, '${variantId}', 'MUG', 'Mug', 'Mug', 1, 2500, 2500, 0, 0, 2500 FROM :n`);
  await each(`INSERT INTO payments (id, checkout_id, order_id, gateway, gateway_ref, capture_method, status, currency, amount, captured)
    SELECT ${id('pay')}, ${id('chk')}, ${id('ord')}, 'stripe', 'pi_bench_' || n, 'automatic', 'captured', 'USD', 2500, 2500 FROM :n`);
  return (await database.rows<{ id: string }>(ephemeral('SELECT id FROM orders ORDER BY id'))).map((row) => row.id);
}

async function main(): Promise<void> {
  const stack = await startStack({ env: { LOG_LEVEL: 'warn', ORDER_ACTORS_PER_SECOND: '1' } });
  const database = openDatabase({ url: stack.databaseUrl, poolSize: 2, statementTimeoutMs: 300_000 });
  const { client, connection } = await connectClient(stack.config);
  try {
    const { channelId, variants } = await fillStore(database, [{ sku: 'MUG', price: 2_500, stock: 1 }]);
    log(`Writing ${ORDERS} orders`);
    const ids = await bookOrders(database, channelId, variants['MUG']?.id ?? '');
    await database.run(ephemeral('ANALYZE'));
    const worker = await stack.startWorker();
    const pid = worker.pid();
    if (pid === undefined) throw new Error('The worker has no process');
    await delay(QUIET_MS);

    console.log('| | open orders | worker MiB | a second | ms p50/p95/p99 |\n| --- | --- | --- | --- | --- |');
    const row = (...cells: unknown[]): void => console.log(`| ${cells.join(' | ')} |`);
    row('before', 0, residentMiB(pid), '', '');
    const actors = createActorStarter(client);
    let open = 0;
    const isOpen = async (id: string): Promise<boolean> => (await client.workflow.getHandle(orderWorkflowId(id)).query(orderStateQuery)).step === 'open';
    for (let step = 0; step < STEPS; step += 1) {
      const some = ids.slice((step * ORDERS) / STEPS, ((step + 1) * ORDERS) / STEPS);
      const begun = performance.now();
      await pool(some.length, AT_ONCE, (index) => actors.startOrder(some[index] ?? ''));
      open += some.length;
      // The last one that was woken has looked at its order: all have.
      while (!(await isOpen(some.at(-1) ?? '').catch(() => false))) await delay(50);
      row('waking', open, residentMiB(pid), round(some.length / ((performance.now() - begun) / 1000)), '');
    }
    await delay(QUIET_MS);
    row('asleep', open, residentMiB(pid), '', '');

    const orders = createOrderProcess(client, { answerWithinMs: 60_000 });
    const latencies: number[] = [];
    const chosen = ids.filter((_, index) => index % Math.max(1, Math.floor(ORDERS / 2_000)) === 0);
    const begun = performance.now();
    await pool(chosen.length, AT_ONCE, async (index) => {
      const asked = performance.now();
      await orders.command(chosen[index] ?? '', { kind: 'add_note', commandId: `bench/${index}`, actor: 'bench', text: 'note' });
      latencies.push(performance.now() - asked);
    });
    const { p50, p95, p99 } = spread(latencies);
    row('a command each', open, residentMiB(pid), round(chosen.length / ((performance.now() - begun) / 1000)), `${p50} / ${p95} / ${p99}`);
  } finally {
    await connection.close();
    await database.close();
    await stack.close();
  }
}

await main();
