import { freePort } from '../../platform/ports.ts';
import { type Service, startService } from '../../scripts/service-process.ts';

/** A real worker process: `kill` it, `restart` it, read its metrics. */
export interface WorkerProcess extends Service {
  readonly metricsUrl: string;
}

/** Starts `workers/main.ts` and waits until every queue is polled. */
export async function startWorkerProcess(options: {
  env: Readonly<Record<string, string>>;
  logFile: string;
}): Promise<WorkerProcess> {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const service = await startService({
    name: 'worker',
    script: 'workers/main.ts',
    env: { ...options.env, WORKER_METRICS_PORT: String(port) },
    readyUrl: `${base}/readyz`,
    logFile: options.logFile,
  });
  await readyOrStopped(service);
  return { ...service, metricsUrl: `${base}/metrics` };
}

/** Waits for readiness; a process that does not get there is stopped, not left behind. */
export async function readyOrStopped(service: Service): Promise<void> {
  try {
    await service.ready();
  } catch (error) {
    await service.stop();
    throw error;
  }
}
