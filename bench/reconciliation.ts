import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { ephemeral, openDatabase, type Database } from '../adapters/postgres/database.ts';
import { stripeEmulatorControl } from '../emulators/stripe/control.ts';
import { connectClient } from '../temporal/runtime/connection.ts';
import { createReconciliationProcess } from '../temporal/runtime/reconciliation-process.ts';
import { fillStore } from '../tests/support/demo-catalog.ts';
import { bookManyPayments } from '../tests/support/payment-books.ts';
import { startStack } from '../tests/support/stack.ts';
import { round } from './statistics.ts';

const { values } = parseArgs({ options: { movements: { type: 'string', default: '100000' } } });
const MOVEMENTS = Number(values.movements);
/** Every ninth payment is refunded: nine payments are ten movements. */
const REFUND_EVERY = 9;
const PAYMENTS = Math.floor((MOVEMENTS * REFUND_EVERY) / (REFUND_EVERY + 1));
const AMOUNT = 2_500;
const LOOK_EVERY_MS = 250;

const log = (...words: unknown[]): void => console.error(new Date().toISOString().slice(11, 19), ...words);

/** Resident memory of a process, MiB. */
const residentMiB = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);

interface Sample {
  readonly seconds: number;
  readonly phase: string;
  readonly movements: number;
  readonly payments: number;
  readonly residentMiB: number;
}

interface RunRow {
  readonly status: string;
  readonly phase: string;
  readonly movements: number;
  readonly payments: number;
  readonly healed: number;
  readonly incidents: number;
  readonly error: string | null;
}

const latestRun = async (database: Database): Promise<RunRow | undefined> =>
  (
    await database.rows<RunRow>(
      ephemeral(
        "SELECT status, phase, movements, payments, healed, incidents, error FROM reconciliation_runs WHERE gateway = 'stripe' ORDER BY started_at DESC LIMIT 1",
      ),
    )
  )[0];

const line = (...cells: unknown[]): string => `| ${cells.map(String).join(' | ')} |`;

/** One run over so many movements: its pace, and what the worker's memory does meanwhile. */
async function main(): Promise<void> {
  const stack = await startStack({
    env: { RECONCILIATION_SETTLE_SECONDS: '0', RECONCILIATION_INTERVAL_SECONDS: '86400', LOG_LEVEL: 'warn' },
  });
  const database = openDatabase({ url: stack.databaseUrl, poolSize: 2, statementTimeoutMs: 300_000 });
  try {
    const { channelId } = await fillStore(database, []);
    log(`Making ${PAYMENTS} payments at the gateway and in the books`);
    const gateway = stripeEmulatorControl(stack.stripe.url);
    const seed = { name: 'bench', payments: PAYMENTS, amount: AMOUNT, refundEvery: REFUND_EVERY };
    const made = await gateway.seedPayments({ ...seed, currency: 'usd', overSeconds: 3_000 });
    await bookManyPayments(database, channelId, seed);
    await database.run(ephemeral('ANALYZE'));
    const worker = await stack.startWorker();
    const pid = worker.pid();
    if (pid === undefined) throw new Error('The worker has no process');

    const { client, connection } = await connectClient(stack.config);
    const begun = performance.now();
    await createReconciliationProcess(client).start({ gateway: 'stripe', actor: 'bench' });
    const samples: Sample[] = [];
    let run: RunRow | undefined;
    do {
      run = await latestRun(database);
      if (run)
        samples.push({
          seconds: round((performance.now() - begun) / 1000),
          phase: run.phase,
          movements: run.movements,
          payments: run.payments,
          residentMiB: residentMiB(pid),
        });
      await delay(LOOK_EVERY_MS);
    } while (run === undefined || run.status === 'running');
    const seconds = (performance.now() - begun) / 1000;
    await connection.close();
    if (run.status !== 'completed' || run.movements < made)
      throw new Error(`The run ended ${run.status} after ${run.movements} movements: ${run.error ?? ''}`);

    const at = (share: number): Sample | undefined => samples[Math.min(samples.length - 1, Math.floor(share * samples.length))];
    console.log(line('movements', 'payments', 'seconds', 'movements/s', 'healed', 'incidents'));
    console.log(line('---', '---', '---', '---', '---', '---'));
    console.log(
      line(run.movements, run.payments, round(seconds), Math.round(run.movements / seconds), run.healed, run.incidents),
      '\n',
    );
    console.log(line('at', 'phase', 'movements', 'compared', 'worker MiB'));
    console.log(line('---', '---', '---', '---', '---'));
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      const sample = at(share);
      if (sample) console.log(line(`${sample.seconds} s`, sample.phase, sample.movements, sample.payments, sample.residentMiB));
    }
    console.log(line('peak', '', '', '', Math.max(...samples.map(({ residentMiB: mib }) => mib))));
  } finally {
    await database.close();
    await stack.close();
  }
}

await main();
