import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { WorkflowIdConflictPolicy } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import pg from 'pg';
import { fileURLToPath } from 'node:url';
import { pool, round, spread } from './statistics.ts';
import { nothingUpdate } from './empty.workflow.ts';

/** How fast it could go at best: each floor at the concurrencies of the real thing. */
async function measure(n: number, concurrency: number, work: (index: number) => Promise<void>) {
  const latencies: number[] = [];
  const start = performance.now();
  await pool(n, concurrency, async (index) => {
    const begun = performance.now();
    await work(index);
    latencies.push(performance.now() - begun);
  });
  return { concurrency, n, perSecond: round((n / (performance.now() - start)) * 1000), ms: spread(latencies) };
}

/** The rows that one checkout leaves behind, copied by plain SQL in one transaction: no rules, no gateway, no process. */
export async function sqlFloor(databaseUrl: string, runs: readonly (readonly [number, number])[]) {
  const connections = new pg.Pool({ connectionString: databaseUrl, max: 32 });
  try {
    await connections.query(`CREATE SCHEMA IF NOT EXISTS floor`);
    const tables = ['carts', 'cart_lines', 'checkouts', 'stock_holds', 'payments', 'payment_operations', 'orders', 'order_lines', 'outbox_events', 'stock_movements'];
    for (const table of tables) {
      await connections.query(`DROP TABLE IF EXISTS floor.${table}`);
      await connections.query(`CREATE TABLE floor.${table} AS SELECT * FROM public.${table} LIMIT 0`);
    }
    const { rows } = await connections.query<{ id: string; cart: string; checkout: string }>('SELECT id, cart_id AS cart, checkout_id AS checkout FROM orders ORDER BY id DESC LIMIT 1');
    const [order] = rows;
    if (!order) throw new Error('the SQL floor copies the rows of a placed order: place one first');
    const copies: readonly (readonly [table: string, condition: string, value: string])[] = [
      ['carts', 'id = $1', order.cart],
      ['cart_lines', 'cart_id = $1', order.cart],
      ['checkouts', 'id = $1', order.checkout],
      ['stock_holds', 'checkout_id = $1', order.checkout],
      ['payments', 'order_id = $1', order.id],
      ['payment_operations', "key LIKE $1 || '/%'", order.id],
      ['orders', 'id = $1', order.id],
      ['order_lines', 'order_id = $1', order.id],
      ['outbox_events', 'aggregate_id = $1', order.id],
      ['stock_movements', 'reference_id = $1', order.checkout],
      ['stock_movements', 'reference_id = $1', order.id],
    ];
    const place = async (): Promise<void> => {
      const client = await connections.connect();
      try {
        await client.query('BEGIN');
        for (const [table, condition, value] of copies) {
          await client.query({ name: `${table} ${condition} ${value === order.checkout}`, text: `INSERT INTO floor.${table} SELECT * FROM public.${table} WHERE ${condition}`, values: [value] });
        }
        await client.query('COMMIT');
      } finally {
        client.release();
      }
    };
    await pool(50, 8, place);
    const results = [];
    for (const [n, concurrency] of runs) results.push(await measure(n, concurrency, place));
    return results;
  } finally {
    await connections.query('DROP SCHEMA IF EXISTS floor CASCADE').catch(() => undefined);
    await connections.end();
  }
}

/** An empty workflow that answers an update it was started with. */
export async function workflowFloor(address: string, namespace: string, runs: readonly (readonly [number, number])[]) {
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const client = new Client({ connection: clientConnection, namespace });
  const taskQueue = 'bench-empty';
  const worker = await Worker.create({ connection, namespace, taskQueue, workflowsPath: fileURLToPath(new URL('./empty.workflow.ts', import.meta.url)) });
  try {
    return await worker.runUntil(async () => {
      const begin = Date.now();
      const call = async (index: number): Promise<void> => {
        await client.workflow.executeUpdateWithStart(nothingUpdate, {
          startWorkflowOperation: new WithStartWorkflowOperation('empty', {
            workflowId: `bench/${begin}/${index}`,
            taskQueue,
            args: [],
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          }),
        });
      };
      await pool(30, 4, (index) => call(1_000_000 + index));
      const results = [];
      for (const [n, concurrency] of runs) results.push(await measure(n, concurrency, (index) => call(concurrency * 10_000 + index)));
      return results;
    });
  } finally {
    await clientConnection.close();
    await connection.close();
  }
}
