import pg from 'pg';

/** One connection that listens to one channel and hands each payload to those who wait for it. */
export interface Notifications {
  /** Calls `listener` for each notification with this payload, and after a lost connection is back. Returns how to stop. */
  listen(payload: string, listener: () => void): () => void;
  close(): Promise<void>;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** Listens to `channel`. The connection is opened with the first listener and opened again when it breaks. */
export function createNotifications(options: {
  url: string;
  channel: string;
  applicationName?: string;
  onError?: (error: Error) => void;
}): Notifications {
  const { url, channel, applicationName = 'headlesspro', onError } = options;
  const listeners = new Map<string, Set<() => void>>();
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let retryMs = FIRST_RETRY_MS;
  let opening: Promise<void> | undefined;
  let closed = false;

  const tellAll = (): void => {
    for (const waiting of [...listeners.values()]) for (const listener of [...waiting]) listener();
  };

  const open = async (): Promise<void> => {
    const candidate = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    candidate.on('error', (error) => onError?.(error));
    candidate.on('notification', ({ payload }) => {
      for (const listener of [...(listeners.get(payload ?? '') ?? [])]) listener();
    });
    try {
      await candidate.connect();
      candidate.on('end', lost);
      await candidate.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      candidate.removeListener('end', lost);
      await candidate.end().catch(() => undefined);
      throw error;
    }
    client = candidate;
    retryMs = FIRST_RETRY_MS;
    // Whatever happened before the connection listened was not heard.
    tellAll();
  };

  const connect = (): void => {
    if (closed || opening !== undefined || client !== undefined) return;
    opening = open()
      .catch((error: unknown) => {
        onError?.(error instanceof Error ? error : new Error(String(error)));
        connectLater();
      })
      .finally(() => {
        opening = undefined;
      });
  };

  const connectLater = (): void => {
    if (closed) return;
    clearTimeout(retry);
    retry = setTimeout(connect, retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  };

  const lost = (): void => {
    client = undefined;
    connectLater();
  };

  return {
    listen(payload, listener) {
      const waiting = listeners.get(payload) ?? new Set();
      listeners.set(payload, waiting.add(listener));
      connect();
      return () => {
        waiting.delete(listener);
        if (waiting.size === 0 && listeners.get(payload) === waiting) listeners.delete(payload);
      };
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      await opening;
      client?.removeListener('end', lost);
      await client?.end();
      client = undefined;
    },
  };
}
