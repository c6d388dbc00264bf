import type { Channel } from '../domain/catalog/channel.ts';

const FRESH_MS = 5_000;

/**
 * The default channel, read once and again in the background when it is some seconds old: no request waits for it but the first.
 * A failed refresh keeps the old one and is told to `onError`.
 */
export function createDefaultChannel(options: {
  load: () => Promise<Channel>;
  onError: (error: unknown) => void;
  now?: () => number;
}): () => Channel | Promise<Channel> {
  const { load, onError, now = Date.now } = options;
  let channel: Channel | undefined;
  let readAt = 0;
  let reading: Promise<Channel> | undefined;

  const read = (): Promise<Channel> => {
    reading ??= load()
      .then((loaded) => {
        channel = loaded;
        readAt = now();
        return loaded;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };

  return () => {
    if (channel === undefined) return read();
    if (now() - readAt > FRESH_MS) read().catch(onError);
    return channel;
  };
}
