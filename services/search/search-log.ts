import type { ShopperEventStore } from '../../domain/search/shopper-event-store.ts';
import type { AnsweredSearch } from '../../domain/search/shopper-events.ts';

/** Writes down what was searched for, without anybody waiting for it. */
export interface SearchLog {
  note(search: AnsweredSearch): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

const EVERY_MS = 500;
const AT_ONCE = 500;
/** More are let go, the oldest first: figures may miss some, shoppers must not wait. */
const MOST_WAITING = 10_000;

/** Builds it over the store. */
export function createSearchLog(deps: { store: Pick<ShopperEventStore, 'recordSearches'>; onFailure: (error: unknown) => void }): SearchLog {
  const { store, onFailure } = deps;
  let waiting: AnsweredSearch[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(async () => {
      while (waiting.length > 0) {
        const batch = waiting.splice(0, AT_ONCE);
        await store.recordSearches(batch).catch(onFailure);
      }
    });
    return writing;
  }

  return {
    note(search) {
      waiting.push(search);
      if (waiting.length > MOST_WAITING) waiting = waiting.slice(-MOST_WAITING);
      timer ??= setTimeout(() => void write(), EVERY_MS).unref();
    },
    close: write,
  };
}
