import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import type { Inbox } from '../shared/inbox.ts';

/** What the ERP sends, by the beginning of a file's name, with the columns that a row must have. */
export const INBOUND = {
  stock: { columns: ['sku', 'location', 'on_hand'], thing: 'sku' },
  prices: { columns: ['sku', 'currency', 'amount'], thing: 'sku' },
  tracking: { columns: ['order_number', 'carrier', 'tracking_number'], thing: 'order_number' },
} as const satisfies Record<string, { columns: readonly string[]; thing: string }>;
export type InboundKind = keyof typeof INBOUND;

const NAME = /^(stock|prices|tracking)[-_][\w.-]{1,100}\.csv$/i;
const MAX_BYTES = 50 * 1024 * 1024;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS inbound_files (name TEXT PRIMARY KEY, hash TEXT NOT NULL, rows INTEGER NOT NULL, error TEXT) STRICT;`;

interface InboundFile {
  readonly name: string;
  readonly hash: string;
  readonly rows: number;
  readonly error: string | null;
}

/**
 * Files from the ERP in a watched folder. A file is taken when it has not grown between two looks, and moved to `processing/`;
 * each of its rows becomes a message of the inbox, known by the file's name and content and the row's number: the same file twice,
 * or half of it before a crash, is acted on once. Under another name it is another file: a shelf may well have what it had last week. At the end it is in `done/`, or in `failed/` with what was wrong beside it.
 */
export class InboundFiles {
  readonly #inbox: Inbox;
  readonly #folder: string;
  readonly #sizes = new Map<string, number>();

  constructor(inbox: Inbox, folder: string) {
    this.#inbox = inbox;
    this.#folder = folder;
    inbox.database.exec(SCHEMA);
  }

  /** Looks once; tells whether there are rows to act on that were not there before. */
  async look(): Promise<boolean> {
    for (const name of ['processing', 'done', 'failed']) await mkdir(join(this.#folder, name), { recursive: true });
    await this.#claim();
    let found = false;
    for (const name of await readdir(join(this.#folder, 'processing'))) {
      const known = this.#inbox.database.prepare('SELECT * FROM inbound_files WHERE name = ?').get(name) as InboundFile | undefined;
      if (known) await this.#finish(known);
      else found = (await this.#read(name)) || found;
    }
    return found;
  }

  async #claim(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!NAME.test(name)) continue;
      const path = join(this.#folder, name);
      const { size } = await stat(path);
      if (this.#sizes.get(name) !== size) {
        this.#sizes.set(name, size);
        continue;
      }
      this.#sizes.delete(name);
      // A name that comes again must not be in the way of the one before it.
      await rename(path, join(this.#folder, 'processing', `${Date.now()}-${name}`));
    }
  }

  /** Puts the rows in line, all in one transaction with the note that the file was read. */
  async #read(name: string): Promise<boolean> {
    const content = await readFile(join(this.#folder, 'processing', name));
    const kind = (/^\d+-(stock|prices|tracking)/i.exec(name)?.[1] ?? '').toLowerCase() as InboundKind;
    const hash = createHash('sha256').update(name.replace(/^\d+-/, '').toLowerCase()).update('\0').update(content).digest('hex').slice(0, 32);
    const { rows, error } = content.length > MAX_BYTES ? { rows: [], error: `Larger than ${MAX_BYTES} bytes` } : readRows(content, kind);
    const { database } = this.#inbox;
    database.exec('BEGIN IMMEDIATE');
    try {
      rows.forEach((row, index) =>
        this.#inbox.accept({ id: `${hash}/${index + 2}`, kind, thing: `${kind}/${row[INBOUND[kind].thing] ?? ''}`, sequence: 0, body: row }),
      );
      database.prepare('INSERT INTO inbound_files (name, hash, rows, error) VALUES (?, ?, ?, ?)').run(name, hash, rows.length, error);
      database.exec('COMMIT');
    } catch (failure) {
      database.exec('ROLLBACK');
      throw failure;
    }
    return rows.length > 0;
  }

  /** Moves a file away whose rows were all acted on. */
  async #finish({ name, hash, error }: InboundFile): Promise<void> {
    const { database } = this.#inbox;
    const { waiting } = database.prepare("SELECT count(*) AS waiting FROM messages WHERE id LIKE ? AND state = 'waiting'").get(`${hash}/%`) as { waiting: number };
    if (waiting > 0) return;
    const dead = database.prepare("SELECT id, error FROM messages WHERE id LIKE ? AND state = 'dead' ORDER BY arrival").all(`${hash}/%`) as { id: string; error: string }[];
    const wrong = [...(error === null ? [] : [error]), ...dead.map((row) => `line ${row.id.slice(hash.length + 1)}: ${row.error}`)];
    const to = wrong.length === 0 ? 'done' : 'failed';
    if (wrong.length > 0) await writeFile(join(this.#folder, 'failed', `${name}.error.txt`), `${wrong.join('\n')}\n`);
    await rename(join(this.#folder, 'processing', name), join(this.#folder, to, name));
  }
}

/** The rows that can be read, and why no more can. */
function readRows(content: Buffer, kind: InboundKind): { rows: Record<string, string>[]; error: string | null } {
  try {
    const rows = parse<Record<string, string>>(content, { columns: (header) => header.map((name) => name.trim().toLowerCase()), bom: true, trim: true, skip_empty_lines: true });
    const [first] = rows;
    const missing = first === undefined ? [] : INBOUND[kind].columns.filter((column) => !(column in first));
    return missing.length > 0 ? { rows: [], error: `line 1: the columns ${missing.join(', ')} are missing` } : { rows, error: null };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Half a file may be the wrong half: nothing of it is taken.
    return { rows: [], error: error.message };
  }
}
