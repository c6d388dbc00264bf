import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from '../../platform/logger.ts';

const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/**
 * Installs the worker's native runtime: its log lines go to `logger`, its metrics are served on a local port in Prometheus'
 * text format. Call it once, before the first worker or native connection. Returns the URL of the metrics.
 * @param metricsPort a free port on the loopback interface
 */
export function installRuntime(options: { logger: Logger; metricsPort: number }): string {
  const bindAddress = `127.0.0.1:${options.metricsPort}`;
  const logger = options.logger.child({ part: 'temporal' });
  Runtime.install({
    // The process has its own ordered shutdown.
    shutdownSignals: [],
    logger: {
      log: (level, message, meta) => logger[PINO_LEVELS[level]](meta ?? {}, message),
      trace: (message, meta) => logger.trace(meta ?? {}, message),
      debug: (message, meta) => logger.debug(meta ?? {}, message),
      info: (message, meta) => logger.info(meta ?? {}, message),
      warn: (message, meta) => logger.warn(meta ?? {}, message),
      error: (message, meta) => logger.error(meta ?? {}, message),
    },
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      metrics: { prometheus: { bindAddress } },
    },
  });
  return `http://${bindAddress}/metrics`;
}
