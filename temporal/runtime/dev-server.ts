import { openSync, closeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { type Child, startChild } from '../../platform/child-process.ts';
import { freePort } from '../../platform/ports.ts';
import { resolveTemporalCli } from './temporal-cli.ts';

export interface DevServerOptions {
  /** Where the state is kept; undefined: in memory only. */
  dataDir: string | undefined;
  /** 0: any free port. */
  port: number;
  /** 0: any free port; undefined: no web UI. */
  uiPort: number | undefined;
  /** Where the UI has payloads decoded, unless its user says otherwise; a browser calls it. */
  uiCodecEndpoint?: string;
  /** Created beside `default`. */
  namespaces?: readonly string[];
  /** File that the server's warnings are appended to. */
  logFile?: string;
  /** Added to the server's settings. */
  dynamicConfig?: Readonly<Record<string, number | boolean>>;
  onProgress?: (line: string) => void;
}

export interface DevServer {
  /** `host:port` for clients and workers. */
  readonly address: string;
  readonly uiUrl: string | undefined;
  readonly child: Child;
  stop(): Promise<void>;
}

/**
 * The queues of a dev server are polled 20 times a second by default, which adds 50 ms to every hop of a workflow. The
 * limits on requests of a namespace are those of a shared cluster; here one store has the server to itself.
 */
const DYNAMIC_CONFIG: Readonly<Record<string, number | boolean>> = {
  'history.transferProcessorMaxPollRPS': 2_000,
  'history.timerProcessorMaxPollRPS': 2_000,
  'history.visibilityProcessorMaxPollRPS': 500,
  'frontend.namespaceRPS': 50_000,
  'frontend.rps': 50_000,
  'frontend.namespaceCount': 50_000,
  'frontend.enableExecuteMultiOperation': true,
  'system.enableEagerWorkflowStart': true,
};

/**
 * With a write-ahead log and normal synchronization a killed server loses nothing; only a power cut may take the last
 * transactions, never the file's consistency.
 */
const SQLITE_PRAGMAS: Readonly<Record<string, string>> = { journal_mode: 'wal', synchronous: 'normal' };

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

/** Starts Temporal's development server and waits until it answers. */
export async function startTemporal(options: DevServerOptions): Promise<DevServer> {
  const program = await resolveTemporalCli({ onProgress: options.onProgress ?? (() => {}) });
  const port = options.port === 0 ? await freePort() : options.port;
  const uiPort = options.uiPort === 0 ? await freePort() : options.uiPort;
  if (options.dataDir !== undefined) await mkdir(options.dataDir, { recursive: true });
  if (options.logFile !== undefined) await mkdir(dirname(options.logFile), { recursive: true });

  const flags = [
    ['--ip', '127.0.0.1'],
    ['--port', String(port)],
    uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)],
    ...(uiPort === undefined || options.uiCodecEndpoint === undefined ? [] : [['--ui-codec-endpoint', options.uiCodecEndpoint]]),
    ['--log-level', 'warn'],
    ['--namespace', 'default'],
    ...(options.namespaces ?? []).map((name) => ['--namespace', name]),
    ...Object.entries({ ...DYNAMIC_CONFIG, ...options.dynamicConfig }).map(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
    ...(options.dataDir === undefined ? [] : [['--db-filename', join(options.dataDir, 'temporal.db')]]),
    ...(options.dataDir === undefined
      ? []
      : Object.entries(SQLITE_PRAGMAS).map(([key, value]) => ['--sqlite-pragma', `${key}=${value}`])),
  ];
  const log = options.logFile === undefined ? ('ignore' as const) : openSync(options.logFile, 'a');
  const child = await startChild(program, ['server', 'start-dev', ...flags.flat()], {
    name: 'temporal',
    stdio: ['ignore', log, log],
    env: withoutTemporalSettings(process.env),
  }).finally(() => {
    if (typeof log === 'number') closeSync(log);
  });

  const address = `127.0.0.1:${port}`;
  try {
    await waitUntilItServes(address, child);
  } catch (error) {
    await child.stop(STOP_TIMEOUT_MS);
    throw error;
  }
  return {
    address,
    uiUrl: uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`,
    child,
    stop: () => child.stop(STOP_TIMEOUT_MS),
  };
}

/** Addresses and keys meant for our own clients would steer the program too. */
function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

async function waitUntilItServes(address: string, child: Child): Promise<void> {
  const giveUpAt = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (!child.running())
      throw new Error(
        `Temporal ended at its start (port ${address.split(':')[1]} in use, or its data in use by another server?)`,
      );
    try {
      await describeDefaultNamespace(address);
      return;
    } catch (error) {
      if (Date.now() > giveUpAt)
        throw new Error(`Temporal did not answer on ${address} within ${READY_TIMEOUT_MS / 1000} s`, { cause: error });
      await delay(50);
    }
  }
}

async function describeDefaultNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '2 seconds' });
  try {
    await connection.withDeadline(Date.now() + 2_000, () =>
      connection.workflowService.describeNamespace({ namespace: 'default' }),
    );
  } finally {
    await connection.close();
  }
}
