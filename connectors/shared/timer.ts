import { setTimeout as delay } from 'node:timers/promises';

export interface Timer {
  /** Waits for what is under way. */
  stop(): Promise<void>;
}

/** Does something again and again, never twice at once. */
export function startTimer(everyMs: number, work: () => Promise<void>, onError: (error: unknown) => void): Timer {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await work().catch(onError);
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
