import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startElasticsearch } from '../tests/support/elasticsearch.ts';
import { startSharedServers } from '../tests/support/shared-servers.ts';

/** Two cores are the smallest machine that this is run on. A third file would save a tenth, and each would take a third longer: too near to time-outs. */
const CONCURRENCY = 2;
const TEST_FILES = '**/*.test.ts';
const NEVER = ['node_modules/**', '.cache/**', 'dist/**'];
const SOAK = 'tests/soak/**';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { soak: { type: 'boolean', default: false }, name: { type: 'string' } },
});

/** Files that match an argument, or have it in their path. */
function testFiles(): string[] {
  const excluded = values.soak || positionals.length > 0 ? NEVER : [...NEVER, SOAK];
  const all = globSync(TEST_FILES, { cwd: root, exclude: excluded }).sort();
  if (positionals.length === 0) return all;
  const named = new Set(positionals.flatMap((pattern) => globSync(pattern, { cwd: root })));
  return all.filter((file) => named.has(file) || positionals.some((part) => file.includes(part)));
}

async function main(): Promise<number> {
  const files = testFiles();
  if (files.length === 0) {
    console.error(`No test file matches ${positionals.join(' ')}`);
    return 1;
  }
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort());
  if (process.channel !== undefined) process.once('disconnect', () => stopped.abort());

  const wantsElasticsearch = process.env['TEST_ELASTICSEARCH_URL'] === undefined && files.some((file) => file.includes('search'));
  const starting = Promise.resolve(wantsElasticsearch ? startElasticsearch(console.error) : undefined);
  const servers = await startSharedServers(console.error).catch(async (error: unknown) => {
    await starting.then((elasticsearch) => elasticsearch?.stop());
    throw error;
  });
  const elasticsearch = await starting;
  try {
    const flags = [
      '--test',
      `--test-concurrency=${CONCURRENCY}`,
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...['--test-reporter=./scripts/slowest-files.ts', '--test-reporter-destination=stdout'],
      ...(values.name === undefined ? [] : [`--test-name-pattern=${values.name}`]),
    ];
    const child = spawn(process.execPath, [...flags, ...files], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        // Most of a start is compiling: what one process has compiled serves all that start after it.
        NODE_COMPILE_CACHE: resolve(root, '.cache/compiled'),
        TEST_POSTGRES_URL: servers.postgresUrl,
        TEST_TEMPORAL_ADDRESS: servers.temporalAddress,
        ...(elasticsearch && { TEST_ELASTICSEARCH_URL: elasticsearch.url }),
        ...(values.soak && { SOAK: '1' }),
      },
    });
    stopped.signal.addEventListener('abort', () => child.kill('SIGTERM'));
    if (stopped.signal.aborted) child.kill('SIGTERM');
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    return stopped.signal.aborted ? 130 : (code ?? 1);
  } finally {
    await elasticsearch?.stop();
    await servers.stop();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
if (process.channel !== undefined) process.disconnect();
