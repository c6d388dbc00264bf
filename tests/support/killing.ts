import type { WorkerProcess } from './worker-process.ts';

/** Kills of a worker that are spread over work: a clock would kill a slow machine's worker before it got anything done. */
export interface Killing {
  /** One more step of the work is done. */
  step(): void;
  /** Waits until the worker that was killed last is back; answers how often it was killed. */
  ended(): Promise<number>;
}

/** Kills the worker so many times in so many steps, in equal distances and while the other steps go on, and starts it again. */
export function killWhileWorking(worker: WorkerProcess, { kills, steps }: { kills: number; steps: number }): Killing {
  const every = Math.floor(steps / (kills + 1));
  let done = 0;
  let killed = 0;
  let last = Promise.resolve();
  return {
    step() {
      done += 1;
      if (done % every !== 0 || killed === kills) return;
      killed += 1;
      last = last.then(async () => {
        await worker.kill();
        await worker.restart();
      });
    },
    async ended() {
      await last;
      return killed;
    },
  };
}
