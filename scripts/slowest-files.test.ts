import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');

test('tells of files, not of the tests in them', async () => {
  const files = ['domain/shared/ids.test.ts', 'domain/shared/money.test.ts'];
  // Under its mark a runner takes itself for one of our own test files.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter=./scripts/slowest-files.ts', ...files], { cwd: root, env, timeout: 60_000 });
  const [, summary, ...lines] = stdout.trimEnd().split('\n');
  assert.match(summary ?? '', /^2 files, \d+ s if one ran after the other; the slowest:$/);
  assert.deepEqual(lines.map((line) => line.replace(/^ *\d+\.\d s {2}/, '')).sort(), files);
});
