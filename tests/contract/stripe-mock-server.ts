import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const VERSION = 'v0.203.0';
const BUILD_TIMEOUT_MS = 300_000;
const START_TIMEOUT_MS = 20_000;

/** A running stripe-mock: Stripe's own server of its published API description. It checks requests and keeps no state. */
export interface StripeMock {
  readonly url: string;
  close(): Promise<void>;
}

/** Whether this machine can build stripe-mock, or has it already. */
export async function stripeMockBinary(): Promise<string | undefined> {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'headlesspro', 'bin', `stripe-mock-${VERSION}`);
  const binary = join(folder, 'stripe-mock');
  if (existsSync(binary)) return binary;
  const run = promisify(execFile);
  try {
    await run('go', ['version'], { timeout: START_TIMEOUT_MS });
  } catch {
    return undefined;
  }
  await run('go', ['install', `github.com/stripe/stripe-mock@${VERSION}`], {
    env: { ...process.env, GOBIN: folder },
    timeout: BUILD_TIMEOUT_MS,
  });
  return binary;
}

/** Starts it on a free port. Rejects when it does not say in time where it listens. */
export async function startStripeMock(binary: string): Promise<StripeMock> {
  const child = spawn(binary, ['-http-addr', '127.0.0.1:0', '-https-addr', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const url = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /^Listening for HTTP at address: (\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`stripe-mock did not listen within ${START_TIMEOUT_MS} ms`));
    }, START_TIMEOUT_MS);
    timer.unref();
    void ended.then(() => reject(new Error('stripe-mock ended before it listened')));
  });
  return {
    url: await url,
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
