import { type Service, startService } from '../../scripts/service-process.ts';
import { readyOrStopped } from './worker-process.ts';

/** A real API process: `kill` it, `restart` it (at the same address). */
export interface ApiProcess extends Service {
  readonly url: string;
  readonly storefrontUrl: string;
  readonly adminUrl: string;
}

/** Starts `api/main.ts` on the environment's `PORT` and waits until a checkout can be taken. */
export async function startApiProcess(options: { env: Readonly<Record<string, string>>; logFile: string }): Promise<ApiProcess> {
  const url = `http://127.0.0.1:${options.env['PORT'] ?? ''}`;
  const service = await startService({
    name: 'api',
    script: 'api/main.ts',
    env: options.env,
    readyUrl: `${url}/readyz`,
    logFile: options.logFile,
  });
  await readyOrStopped(service);
  return { ...service, url, storefrontUrl: `${url}/graphql`, adminUrl: `${url}/admin/graphql` };
}
