import { setTimeout as delay } from 'node:timers/promises';
import type { DueMessage, Inbox } from './inbox.ts';

/** The message will not do, whenever it is tried: a person must look. */
export class Refused extends Error {}

export interface InboxWorker {
  /** There may be something to do. */
  wake(): void;
  stop(): Promise<void>;
}

export interface InboxWorkerOptions {
  readonly inbox: Inbox;
  /** Acts on a message; must change nothing more when it is repeated. Throws `Refused`, or anything else to be called again. */
  readonly handle: (message: DueMessage) => Promise<void>;
  readonly onError: (error: unknown, message: DueMessage) => void;
  readonly giveUpAfterMs?: number;
  readonly firstWaitMs?: number;
}

const LONGEST_WAIT_MS = 15 * 60_000;
const WEEK_MS = 7 * 86_400_000;
const IDLE_MS = 500;

/** Acts on what has come in, one by one, until it is stopped. */
export function startInboxWorker({ inbox, handle, onError, giveUpAfterMs = WEEK_MS, firstWaitMs = 1_000 }: InboxWorkerOptions): InboxWorker {
  const stopping = new AbortController();
  let woken = new AbortController();

  async function act(message: DueMessage): Promise<void> {
    try {
      await handle(message);
      inbox.done(message.id);
    } catch (error) {
      onError(error, message);
      const told = error instanceof Error ? error.message : String(error);
      if (error instanceof Refused || Date.now() - message.receivedAt > giveUpAfterMs) return inbox.bury(message.id, told);
      const wait = Math.min(firstWaitMs * 2 ** Math.min(message.attempts, 20), LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
      inbox.retry(message.id, told, Date.now() + Math.round(wait));
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = new AbortController();
      const message = inbox.next();
      if (message) await act(message);
      else await delay(IDLE_MS, undefined, { signal: AbortSignal.any([stopping.signal, woken.signal]) }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    wake: () => woken.abort(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
