import type { Logger } from './logger.ts';

/** Closes what a process has opened: the last opened first, once, and not longer than a deadline. */
export interface Shutdown {
  /** Registers how to close something that was just opened. */
  onClose(name: string, close: () => Promise<void> | void): void;
  /** Closes everything; a second call waits for the first. Resolves to whether all of it closed in time. */
  close(reason: string): Promise<boolean>;
  /** On SIGINT and SIGTERM: closes and exits (0, or 1 when something did not close). */
  listen(): void;
}

export function createShutdown(options: { logger: Logger; timeoutMs: number; exit?: (code: number) => void }): Shutdown {
  const { logger, timeoutMs, exit = process.exit } = options;
  const closers: { name: string; close: () => Promise<void> | void }[] = [];
  let closing: Promise<boolean> | undefined;

  const closeAll = async (): Promise<boolean> => {
    let clean = true;
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
      try {
        await closer.close();
      } catch (err) {
        clean = false;
        logger.error({ err, part: closer.name }, 'could not close');
      }
    }
    return clean;
  };

  const close = (reason: string): Promise<boolean> => {
    if (closing === undefined) {
      logger.info({ reason }, 'shutting down');
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => {
          logger.error({ timeoutMs }, 'not everything closed in time');
          resolve(false);
        }, timeoutMs);
      });
      closing = Promise.race([closeAll(), deadline]).finally(() => clearTimeout(timer));
    }
    return closing;
  };

  const closeAndExit = (reason: string): void => {
    void close(reason).then((clean) => exit(clean ? 0 : 1));
  };

  return {
    onClose: (name, close) => void closers.push({ name, close }),
    close,
    listen() {
      process.on('SIGINT', () => closeAndExit('SIGINT'));
      process.on('SIGTERM', () => closeAndExit('SIGTERM'));
    },
  };
}
