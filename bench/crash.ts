import type pg from 'pg';
import { stripeEmulatorControl } from '../emulators/stripe/control.ts';
import type { Store } from '../scripts/start-store.ts';
import { connectClient } from '../temporal/runtime/connection.ts';
import { pool, round, spread, tally } from './statistics.ts';
import type { Flow, Storefront } from './storefront.ts';

const FLOWS = 100;
const CONCURRENCY = 16;
const KILL_AFTER = 40;

/** Charges of each order at the gateway, from the emulator's own ledger. */
type Charges = ReadonlyMap<string, number>;

async function chargesAtGateway(store: Store): Promise<Charges> {
  const charges = new Map<string, number>();
  for await (const { metadata, captured } of stripeEmulatorControl(store.config.stripe.baseUrl ?? '').ledger()) {
    const orderId = metadata['order_id'];
    if (orderId !== undefined && captured > 0) charges.set(orderId, (charges.get(orderId) ?? 0) + 1);
  }
  return charges;
}

/**
 * Kills API and worker with SIGKILL while checkouts are in the middle of their completion, starts both again, waits for every
 * checkout to end by itself, and only then lets the shoppers try again.
 */
export async function crash(parts: { store: Store; storefront: Storefront; database: pg.Pool; newFlow: () => Flow; log: (...words: unknown[]) => void }) {
  const { store, storefront, database, newFlow, log } = parts;
  const flows: Flow[] = [];
  let placed = 0;
  let killedAt = 0;
  const failures: string[] = [];

  const kill = async (): Promise<void> => {
    for (;;) {
      const inCompletion = flows.filter((flow) => flow.at === 'complete' && flow.ms.complete === undefined && flow.refusal === undefined).length;
      if (inCompletion >= 4) break;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    killedAt = performance.now();
    await Promise.all([store.api.kill(), store.worker.kill()]);
  };
  let killing: Promise<void> | undefined;
  await pool(FLOWS, CONCURRENCY, async () => {
    if (killedAt > 0) return;
    const flow = newFlow();
    flows.push(flow);
    try {
      await storefront.run(flow);
      placed += 1;
      if (placed === KILL_AFTER) killing = kill();
    } catch (error) {
      failures.push(`${flow.at}: ${String(error).slice(0, 80)}`);
    }
  });
  await killing;
  const interrupted = flows.filter((flow) => flow.at === 'complete' && flow.orderId === undefined);
  log(`killed with ${interrupted.length} completions under way`);

  const restartBegun = performance.now();
  await Promise.all([store.api.restart(), store.worker.restart()]);
  const restarted = performance.now();
  const { client, connection } = await connectClient(store.config);
  const carts = flows.flatMap((flow) => flow.cartId ?? []);
  // A checkout that was killed before its first transaction is known to Temporal only.
  const open = async (): Promise<number> => {
    const { rows } = await database.query<{ count: number }>("SELECT count(*) FROM checkouts WHERE cart_id = ANY($1) AND status = 'processing'", [carts]);
    const { count } = await client.workflow.count("WorkflowType = 'checkout' AND ExecutionStatus = 'Running'");
    return Number(rows[0]?.count) + count;
  };
  const giveUpAt = performance.now() + 60_000;
  while ((await open()) > 0 && performance.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 20));
  const endedMs = performance.now() - restarted;
  await connection.close();

  const audit = async () => {
    const { rows } = await database.query<{ cart: string; orders: number; order: string | null; held: number; checkouts: string[] }>(
      `SELECT c.id AS cart, (SELECT count(*)::int FROM orders o WHERE o.cart_id = c.id) AS orders, c.order_id AS order,
         (SELECT count(*)::int FROM stock_holds h JOIN checkouts k ON k.id = h.checkout_id WHERE k.cart_id = c.id AND h.status = 'held') AS held,
         (SELECT coalesce(array_agg(k.order_id), '{}') FROM checkouts k WHERE k.cart_id = c.id) AS checkouts FROM carts c WHERE c.id = ANY($1)`,
      [carts],
    );
    const charges = await chargesAtGateway(store);
    const chargesOf = (orderIds: readonly string[]): number => orderIds.reduce((sum, id) => sum + (charges.get(id) ?? 0), 0);
    return {
      carts: rows.length,
      placed: rows.filter((row) => row.orders === 1).length,
      acknowledgedButLost: flows.filter((flow) => flow.orderId && !rows.some((row) => row.order === flow.orderId)).length,
      cartsWithMoreThanOneOrder: rows.filter((row) => row.orders > 1).length,
      chargedWithoutOrder: rows.filter((row) => row.orders === 0 && chargesOf(row.checkouts) > 0).length,
      orderNeverPaid: rows.filter((row) => row.orders > 0 && chargesOf(row.checkouts) === 0).length,
      chargedTwice: rows.filter((row) => chargesOf(row.checkouts) > 1).length,
      holdsLeft: rows.filter((row) => row.held > 0).length,
    };
  };
  const afterRestart = await audit();

  const retries: string[] = [];
  const retryMs: number[] = [];
  await Promise.all(
    interrupted.map(async (flow) => {
      const begun = performance.now();
      try {
        await storefront.complete(flow);
        retries.push('order');
      } catch (error) {
        retries.push(String(error));
      }
      retryMs.push(performance.now() - begun);
    }),
  );
  return {
    flowsStarted: flows.length,
    acknowledgedBeforeKill: placed,
    interrupted: interrupted.length,
    failures: tally(failures),
    restartMs: round(restarted - restartBegun, 0),
    everyCheckoutEndedMs: round(endedMs, 0),
    afterRestart,
    retries: tally(retries),
    retryMs: retryMs.length === 0 ? null : spread(retryMs),
    afterRetries: await audit(),
  };
}
