import type { Channel } from '../domain/catalog/channel.ts';
import { DomainError, invalid } from '../domain/shared/errors.ts';

/** Which of the store's channels a request is for. */
export const CHANNEL_HEADER = 'x-channel';

const FRESH_MS = 5_000;

/** Finds a request's channel: the one that is named, or the first. Raises INVALID_INPUT naming the header. */
export type KnownChannels = (code: string | undefined) => Channel | Promise<Channel>;

/**
 * The channels, read once and again in the background when that is some seconds old: no request waits for it but the first, and who names
 * one that is not known yet. A failed refresh keeps the old ones and is told to `onError`. Raises SERVICE_UNAVAILABLE while there is none.
 */
export function createKnownChannels(options: {
  load: () => Promise<readonly Channel[]>;
  onError: (error: unknown) => void;
  now?: () => number;
}): KnownChannels {
  const { load, onError, now = Date.now } = options;
  let channels: readonly Channel[] | undefined;
  let readAt = 0;
  let reading: Promise<readonly Channel[]> | undefined;

  const read = (): Promise<readonly Channel[]> => {
    reading ??= load()
      .then((loaded) => {
        channels = loaded;
        readAt = now();
        return loaded;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  const find = (among: readonly Channel[], code: string | undefined): Channel | undefined => (code === undefined ? among[0] : among.find((channel) => channel.code === code));

  async function readAndFind(code: string | undefined): Promise<Channel> {
    const among = await read();
    const channel = find(among, code);
    if (channel) return channel;
    if (among.length === 0) throw new DomainError('SERVICE_UNAVAILABLE', 'The store has no sales channel yet');
    throw invalid(CHANNEL_HEADER, 'There is no such channel');
  }

  return (code) => {
    const channel = channels && find(channels, code);
    if (channel === undefined) return readAndFind(code);
    if (now() - readAt > FRESH_MS) read().catch(onError);
    return channel;
  };
}
