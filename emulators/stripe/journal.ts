import { createReadStream } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { JournaledObject } from './account.ts';
import type { IdempotencyRecord } from './idempotency.ts';

export type JournalEntry = JournaledObject | IdempotencyRecord;

const KINDS: ReadonlySet<string> = new Set<JournalEntry['object']>([
  'customer',
  'payment_method',
  'setup_intent',
  'payment_intent',
  'charge',
  'refund',
  'dispute',
  'balance_transaction',
  'event',
  'idempotency_record',
]);

function isEntry(value: unknown): value is JournalEntry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    'object' in value &&
    typeof value.object === 'string' &&
    KINDS.has(value.object)
  );
}

/** A line that a crash cut short is the last one and is left out. */
function parseLine(line: string): JournalEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * An append-only file of JSON lines, one for each new version of an object. Lines are written in batches after the answers
 * have gone out: a killed process may lose the last moments, a closed one loses nothing.
 */
export class Journal {
  readonly #file: FileHandle;
  readonly #onError: (error: unknown) => void;
  #waiting: JournalEntry[] = [];
  #writing: Promise<void> | undefined;

  private constructor(file: FileHandle, onError: (error: unknown) => void) {
    this.#file = file;
    this.#onError = onError;
  }

  /** Reads what an earlier process wrote, oldest first, then opens the file for appending. `onError` hears of failed writes. */
  static async open(path: string, onEntry: (entry: JournalEntry) => void, onError: (error: unknown) => void): Promise<Journal> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+');
    let lines = 0;
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      const entry = parseLine(line);
      if (entry) onEntry(entry);
      lines++;
    }
    // Whatever stands on a torn last line must not swallow the next entry.
    if (lines > 0) await file.appendFile('\n');
    return new Journal(file, onError);
  }

  append(entry: JournalEntry): void {
    this.#waiting.push(entry);
    this.#writing ??= this.#drain();
  }

  /** Empties the file. */
  async truncate(): Promise<void> {
    this.#waiting = [];
    await this.#writing;
    await this.#file.truncate(0);
  }

  /** Writes what waits, then closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #drain(): Promise<void> {
    // Everything of this turn of the event loop goes into one write.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#file.appendFile(batch.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      } catch (error) {
        this.#onError(error);
      }
    }
    this.#writing = undefined;
  }
}
