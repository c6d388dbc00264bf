import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

const SHOWN = 25;

/** A reporter for `node --test`: which files took longest, and how long all took together, in seconds. */
export default async function* slowestFiles(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const begun = new Map<string, number>();
  const seconds = new Map<string, number>();
  for await (const { type, data } of events) {
    // A file stands among the events as a test that bears its name.
    if (type === 'test:dequeue' && isFile(data)) begun.set(data.name, performance.now());
    if (type === 'test:complete' && isFile(data)) seconds.set(data.name, (performance.now() - (begun.get(data.name) ?? 0)) / 1000);
  }
  const slowest = [...seconds].sort(([, one], [, other]) => other - one).slice(0, SHOWN);
  const sum = [...seconds.values()].reduce((total, each) => total + each, 0);
  yield `\n${seconds.size} files, ${sum.toFixed(0)} s if one ran after the other; the slowest:\n`;
  for (const [file, took] of slowest) yield `${took.toFixed(1).padStart(7)} s  ${file}\n`;
}

const isFile = ({ name, file, nesting }: { name: string; file?: string; nesting: number }): boolean =>
  nesting === 0 && file !== undefined && relative(process.cwd(), file) === name;
