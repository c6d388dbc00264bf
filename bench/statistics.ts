/** Percentiles and the like of one measurement, in the unit of the samples (ms unless said otherwise). */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;

export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    p50: round(percentile(sorted, 50)),
    p95: round(percentile(sorted, 95)),
    p99: round(percentile(sorted, 99)),
    max: round(sorted.at(-1) ?? Number.NaN),
  };
}

/** How often each text occurs. */
export function tally(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

/** Runs `work` for 0 … n-1 with at most `concurrency` at a time. */
export async function pool(n: number, concurrency: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(concurrency, n) }, async () => {
      while (next < n) {
        const index = next;
        next += 1;
        await work(index);
      }
    }),
  );
}

/** Calls `work` for `seconds` with `concurrency` callers; requests a second and latency. */
export async function sustained(work: () => Promise<void>, seconds: number, concurrency: number) {
  const latencies: number[] = [];
  const errors: string[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < end) {
        const begun = performance.now();
        try {
          await work();
          latencies.push(performance.now() - begun);
        } catch (error) {
          errors.push(String(error).slice(0, 160));
        }
      }
    }),
  );
  const elapsed = (performance.now() - start) / 1000;
  return { concurrency, requests: latencies.length, errors: errors.length, errorKinds: tally(errors), reqPerSecond: round(latencies.length / elapsed), ms: spread(latencies) };
}

/** mulberry32: the same sequence for the same seed, so that every run buys the same baskets. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}
