import { readEnvFile } from '../platform/config.ts';
import { startStore } from './start-store.ts';
import { welcome } from './welcome.ts';

const stopping = new AbortController();
const stopped = new Promise<undefined>((resolve) => stopping.signal.addEventListener('abort', () => resolve(undefined)));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
// The process that ran us is gone: nobody is left who could stop the store.
if (process.channel !== undefined) process.once('disconnect', () => stopping.abort());

/** Runs the store until it is told to stop. Answers the exit code. */
async function main(): Promise<number> {
  readEnvFile();
  const store = await startStore({ onProgress: (line) => console.log(line), signal: stopping.signal });
  console.log(welcome(store));
  const failure = await Promise.race([stopped, store.failed]);
  console.log(failure === undefined ? '\nStopping' : `\n${failure}; stopping`);
  await store.stop();
  return failure === undefined ? 0 : 1;
}

const code = await main().catch((error: unknown) => {
  if (stopping.signal.aborted) return 0;
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
process.exit(code);
