import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '../platform/child-process.ts';
import { tail } from './log-tail.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface ServiceOptions {
  name: string;
  /** The entry point, from the project's root: `workers/main.ts`. */
  script: string;
  /** All that the process sees of the environment. */
  env: Readonly<Record<string, string>>;
  /** Answers 200 once the process can work. */
  readyUrl: string;
  /** Any answer at `readyUrl` will do. */
  anyAnswer?: boolean;
  logFile: string;
  /** Starts it again when it ends by itself, ever less eagerly; hears about it. */
  onCrash?: (line: string) => void;
}

/** A process of the store: worker, API or emulator. */
export interface Service {
  readonly name: string;
  readonly logFile: string;
  pid(): number | undefined;
  /** Waits for readiness; throws one line that points at the log. */
  ready(timeoutMs?: number, signal?: AbortSignal): Promise<void>;
  /** SIGKILL; it stays down until `restart`. */
  kill(): Promise<void>;
  /** Stops it if it runs, starts it and waits until it is ready. */
  restart(): Promise<void>;
  /** SIGTERM, then SIGKILL. */
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 20_000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 15_000;
/** A process that has run this long is not in a crash loop. */
const STEADY_AFTER_MS = 60_000;
const PROBE_TIMEOUT_MS = 2_000;
/** So many ends in a row before it was ready are no mishap. */
const HOPELESS_AFTER = 3;

/** Starts a script of the project under our Node version. It ends with us, however we end. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { name, script, env, readyUrl, anyAnswer = false, logFile, onCrash } = options;
  await mkdir(dirname(logFile), { recursive: true });
  let child: Child | undefined;
  let wanted = false;
  let backoffMs = FIRST_BACKOFF_MS;
  let ends = 0;

  const start = async (): Promise<void> => {
    wanted = true;
    const log = openSync(logFile, 'a');
    const started = Date.now();
    const running = await startChild(process.execPath, [script], { name, cwd: root, env, stdio: ['ignore', log, log] }).finally(
      () => closeSync(log),
    );
    child = running;
    void running.ended.then(({ code, signal }) => {
      ends += 1;
      if (!wanted || child !== running || onCrash === undefined) return;
      if (Date.now() - started > STEADY_AFTER_MS) backoffMs = FIRST_BACKOFF_MS;
      onCrash(`${name} ended (${signal ?? `code ${code}`}); starting it again in ${backoffMs / 1000} s (see ${logFile})`);
      const retry = setTimeout(() => {
        if (wanted && child === running) start().catch((error: unknown) => onCrash(`${name} did not start: ${String(error)}`));
      }, backoffMs);
      retry.unref();
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    });
  };

  const ready = async (timeoutMs = READY_TIMEOUT_MS, signal?: AbortSignal): Promise<void> => {
    const hopelessAt = ends + (onCrash === undefined ? 1 : HOPELESS_AFTER);
    for (const giveUpAt = Date.now() + timeoutMs; !(await answers(readyUrl, anyAnswer)); await delay(50)) {
      signal?.throwIfAborted();
      const gone = ends >= hopelessAt || !wanted || (onCrash === undefined && child?.running() !== true);
      if (gone || Date.now() > giveUpAt) {
        const lastLine = (await tail(logFile)).trim().split('\n').at(-1) ?? '';
        throw new Error(
          `${name} ${gone ? 'ended at its start' : `was not ready within ${timeoutMs / 1000} s`}: ${lastLine} (see ${logFile})`,
        );
      }
    }
  };

  const stop = async (): Promise<void> => {
    wanted = false;
    await child?.stop(STOP_TIMEOUT_MS);
  };

  await start();
  return {
    name,
    logFile,
    pid: () => (child?.running() ? child.pid : undefined),
    ready,
    stop,
    async kill() {
      wanted = false;
      await child?.kill();
    },
    async restart() {
      await stop();
      await start();
      await ready();
    },
  };
}

async function answers(url: string, anyAnswer: boolean): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return anyAnswer || response.ok;
  } catch {
    return false;
  }
}
