import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** Whatever may be part of the bundle. */
const SOURCES = ['workflows', 'domain', 'temporal/contracts'];
const FAILURE_CONVERTER = join(root, 'temporal', 'runtime', 'failure-converter.ts');

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256').update(require.resolve('@temporalio/workflow')).update(await readFile(require.resolve('@temporalio/workflow/package.json')));
  for (const folder of SOURCES) {
    const files = await readdir(join(root, folder), { recursive: true });
    for (const file of files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort()) {
      hash.update(file).update(await readFile(join(root, folder, file)));
    }
  }
  hash.update(await readFile(FAILURE_CONVERTER));
  return hash.digest('hex').slice(0, 20);
}

/**
 * Bundles the workflows of a module. `traced`: with the interceptors that carry traces. Failures of workflows are encoded
 * always, keys or no keys: a bundle is built before anybody knows whether there are keys, and the worker's data converter,
 * which encodes those of activities, has no say inside it.
 */
export function bundleWorkflows(workflowsPath: string, options: { traced: boolean }): Promise<WorkflowBundle> {
  return bundleWorkflowCode({
    workflowsPath,
    failureConverterPath: FAILURE_CONVERTER,
    workflowInterceptorModules: options.traced ? [join(root, 'workflows', 'interceptors.ts')] : [],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
  });
}

/** Bundles this project's workflows into `path`, whole or not at all. */
export async function buildWorkflowBundle(path: string, options: { traced: boolean }): Promise<void> {
  const { code } = await bundleWorkflows(join(root, 'workflows', 'index.ts'), options);
  await mkdir(join(path, '..'), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, code);
  await rename(unfinished, path);
}

/** The bundle that the worker runs: the given one, else one built of the present sources and kept for the next start. */
export async function workflowBundle(given: string | undefined, options: { traced: boolean }): Promise<WorkflowBundle> {
  if (given !== undefined) return { code: await readFile(given, 'utf8') };
  const path = join(root, '.cache', `workflow-bundle-${await sourceHash()}${options.traced ? '-traced' : ''}.js`);
  const read = (): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);
  const kept = await read();
  if (kept !== undefined) return { code: kept };
  await buildWorkflowBundle(path, options);
  return { code: await readFile(path, 'utf8') };
}
