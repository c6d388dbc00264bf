import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../platform/logger.ts';

export interface Relay {
  /** There is something to do: looks at once. */
  wake(): void;
  /** Ends after the batch under way. */
  stop(): Promise<void>;
}

/**
 * Calls `batch` again and again: at once while there is work, else after `idleMs`. A failed batch is logged and tried again
 * later. After work it rests for `restMs`, so that what comes meanwhile is done together; failures make
 * it wait for `longestMs` at most. Several relays may run beside each other: each batch locks what it takes.
 */
export function startRelay(options: { name: string; batch: () => Promise<number>; idleMs: number; restMs?: number; longestMs?: number; logger: Logger }): Relay {
  const { name, batch, idleMs, restMs = 0, longestMs = 10_000, logger } = options;
  const stopped = new AbortController();
  let called = false;
  let pausing = new AbortController();

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopped.signal.aborted) {
      let handled = 0;
      try {
        handled = await batch();
        failures = 0;
      } catch (err) {
        failures += 1;
        logger.warn({ err, relay: name, failures }, 'a batch failed; it is tried again');
      }
      const pause = Math.min(idleMs * 2 ** Math.min(failures, 6), longestMs);
      pausing = new AbortController();
      if (handled === 0 && !(called && failures === 0)) await delay(pause, undefined, { signal: AbortSignal.any([stopped.signal, pausing.signal]) }).catch(() => undefined);
      else if (restMs > 0) await delay(restMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      called = false;
    }
  }

  const running = run();
  return {
    wake() {
      called = true;
      pausing.abort();
    },
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
