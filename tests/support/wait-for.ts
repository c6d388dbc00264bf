import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `condition` answers something other than false, null or undefined, and answers that. Throws when the time is
 * over, naming what was waited for and the last error of the condition.
 */
export async function waitFor<T>(
  condition: () => Promise<T> | T,
  options: { what: string; timeoutMs?: number; everyMs?: number },
): Promise<Exclude<T, false | null | undefined>> {
  const { what, timeoutMs = 15_000, everyMs = 50 } = options;
  const giveUpAt = Date.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (isAnswer(value)) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= giveUpAt) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`, { cause });
    await delay(everyMs);
  }
}

const isAnswer = <T>(value: T): value is Exclude<T, false | null | undefined> =>
  value !== false && value !== null && value !== undefined;
