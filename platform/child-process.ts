import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A started program that ends, at the latest, with this process. */
export interface Child {
  readonly name: string;
  readonly process: ChildProcess;
  readonly pid: number;
  /** Resolves when it has ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Whether it has not ended yet. */
  running(): boolean;
  /** Asks it to end, and kills it when it does not within the time-out. */
  stop(timeoutMs?: number): Promise<void>;
  /** SIGKILL, as a crash would be. */
  kill(): Promise<void>;
}

export interface ChildOptions extends SpawnOptions {
  name: string;
  /** How to ask it to end; SIGTERM unless told. */
  stopSignal?: NodeJS.Signals;
}

const STOP_TIMEOUT_MS = 10_000;
const ORPHAN_GRACE_SECONDS = 10;

/**
 * Starts a program in a process group of its own, so that Ctrl-C in a terminal reaches only us and we end our children in
 * order, and guarded, so that it ends also when we are killed.
 */
export async function startChild(command: string, args: readonly string[], options: ChildOptions): Promise<Child> {
  const { name, stopSignal = 'SIGTERM', ...spawnOptions } = options;
  const child = spawn(command, args, { ...spawnOptions, detached: true });
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} did not start`);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const guard = guardAgainstOrphaning(pid, stopSignal);
  void ended.then(() => guard?.kill('SIGKILL'));
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    name,
    process: child,
    pid,
    ended,
    running,
    async stop(timeoutMs = STOP_TIMEOUT_MS) {
      if (!running()) return;
      child.kill(stopSignal);
      const timer = new AbortController();
      const late = delay(timeoutMs, 'late' as const, { signal: timer.signal }).catch(() => 'ended' as const);
      if ((await Promise.race([ended, late])) === 'late') child.kill('SIGKILL');
      timer.abort();
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A shell that waits for the end of a pipe which only we hold open: when we are gone, it ends the program. */
function guardAgainstOrphaning(pid: number, signal: NodeJS.Signals): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const script = `
    cat > /dev/null
    kill -s "$2" "$1" || exit 0
    for second in $(seq ${ORPHAN_GRACE_SECONDS}); do sleep 1; kill -0 "$1" || exit 0; done
    kill -s KILL "$1"`;
  const guard = spawn('/bin/sh', ['-c', script, 'guard', String(pid), signal.replace('SIG', '')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => {});
  guard.stdin?.on('error', () => {});
  guard.unref();
  // The pipe is a socket to Node; it must not keep us alive either.
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return guard;
}
