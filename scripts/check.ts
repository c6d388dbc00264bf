import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const bin = (name: string): string => resolve(root, 'node_modules', name);

interface Part {
  readonly name: string;
  /** A script for this same Node, and its arguments. */
  readonly args: readonly string[];
}

const ESLINT = bin('eslint/bin/eslint.js');
const TYPESCRIPT = bin('typescript/bin/tsc');

/** Side by side; what takes longest begins first. */
const PARTS: readonly Part[] = [
  { name: 'lint', args: [ESLINT, '.', '--cache', '--cache-location', '.cache/eslint/', '--max-warnings', '0'] },
  { name: 'types', args: [TYPESCRIPT, '-p', 'tsconfig.json'] },
  { name: 'types of the deterministic floors', args: [TYPESCRIPT, '-p', 'tsconfig.deterministic.json'] },
  { name: 'generated code', args: [resolve(root, 'scripts/codegen.ts'), '--check'] },
  { name: 'catalogue of events', args: [resolve(root, 'scripts/event-catalogue.ts')] },
];

const TIMEOUT_MS = 5 * 60_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Runs a part, tells how it went in one line, and what it found. */
async function run({ name, args }: Part): Promise<boolean> {
  const started = performance.now();
  const { ok, output } = await new Promise<{ ok: boolean; output: string }>((done) => {
    execFile(process.execPath, args, { cwd: root, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      done({ ok: error === null, output: `${stdout}${stderr}`.trim() });
    });
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (!ok && output !== '') console.log(output);
  return ok;
}

const results = await Promise.all(PARTS.map(run));
if (results.includes(false)) process.exitCode = 1;
