import { condition } from '@temporalio/workflow';

/** Lets one exchange happen at a time; call it once in each execution. What was read before an answer is not acted upon after it. */
export function alone(): <T>(exchange: () => Promise<T>) => Promise<T> {
  let busy = false;
  return async (exchange) => {
    // Several that wait are woken together: only the first one finds it free.
    while (busy) await condition(() => !busy);
    busy = true;
    try {
      return await exchange();
    } finally {
      busy = false;
    }
  };
}
