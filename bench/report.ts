interface Spread {
  p50: number;
  p95: number;
  p99: number;
}

const cell = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value));
const cells = (...values: unknown[]): string => `| ${values.map(cell).join(' | ')} |`;
const table = (head: string[], rows: unknown[][]): string => [cells(...head), cells(...head.map(() => '---')), ...rows.map((row) => cells(...row))].join('\n');
const ms = (spread: Spread): string => `${spread.p50} / ${spread.p95} / ${spread.p99}`;
const list = <Row>(value: unknown): Row[] => (Array.isArray(value) ? (value as Row[]) : []);

/** The measures of one run as Markdown tables, line by line comparable with those of the peers. */
export function report(result: Record<string, unknown>): string {
  const parts: string[] = [`Temporal: ${String(result['temporal'])}, started ${String(result['startedAt'])}`];
  const checkout = list<{ concurrency: number; flows: number; placed: number; errors: number; flowsPerSecond: number; completeMs: Spread; wholeFlowMs: Spread; stepsP50: unknown }>(result['checkout']);
  if (checkout.length > 0) {
    parts.push(
      table(
        ['c', 'flows', 'placed', 'errors', 'flows/s', 'complete ms p50/p95/p99', 'whole flow ms p50/p95/p99', 'p50 by step'],
        checkout.map((run) => [run.concurrency, run.flows, run.placed, run.errors, run.flowsPerSecond, ms(run.completeMs), ms(run.wholeFlowMs), run.stepsP50]),
      ),
    );
  }
  for (const [name, key] of [['plain SQL, the same rows in one transaction', 'sqlFloor'], ['empty workflow, update-with-start', 'workflowFloor']] as const) {
    const floor = list<{ concurrency: number; perSecond: number; ms: Spread }>(result[key]);
    if (floor.length > 0) parts.push(`Floor: ${name}`, table(['c', 'a second', 'ms p50/p95/p99'], floor.map((run) => [run.concurrency, run.perSecond, ms(run.ms)])));
  }
  const reads = (['listing20', 'detail'] as const).flatMap((key) => {
    const read = result[key] as { reqPerSecond: number; errors: number; ms: Spread } | undefined;
    return read ? [[key, read.reqPerSecond, ms(read.ms), read.errors]] : [];
  });
  if (reads.length > 0) parts.push(table(['read, c = 16', 'a second', 'ms p50/p95/p99', 'errors'], reads));
  for (const key of ['oversell', 'doubleSubmit', 'crash', 'memoryIdle', 'memoryAfterLoad', 'startup']) if (result[key]) parts.push(`${key}: ${JSON.stringify(result[key])}`);
  return parts.join('\n\n');
}
