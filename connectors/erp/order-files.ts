import { existsSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { DueMessage, Inbox } from '../shared/inbox.ts';
import { ORDER_COLUMNS, orderRows } from './order-rows.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS order_batches (number INTEGER PRIMARY KEY AUTOINCREMENT, written INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE IF NOT EXISTS order_rows (
    place INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL, row INTEGER NOT NULL, columns TEXT NOT NULL, batch INTEGER REFERENCES order_batches (number),
    UNIQUE (message_id, row)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS order_rows_open ON order_rows (place) WHERE batch IS NULL;`;

const MOST_ROWS = 5_000;

/**
 * Files of orders for the ERP, `orders-000001.csv` and so on. What is in which file is decided in the database before the file is
 * written, so that a file which is written again after a crash is the same; the ERP moves it to `archive/` when it has it, and
 * one that it has is not written again.
 */
export class OrderFiles {
  readonly #inbox: Inbox;
  readonly #folder: string;

  constructor(inbox: Inbox, folder: string) {
    this.#inbox = inbox;
    this.#folder = folder;
    inbox.database.exec(SCHEMA);
  }

  /** Puts the rows of an order in line. Repeating it adds nothing. */
  add(message: Pick<DueMessage, 'id' | 'kind' | 'body'>): void {
    const insert = this.#inbox.database.prepare('INSERT OR IGNORE INTO order_rows (message_id, row, columns) VALUES (?, ?, ?)');
    this.#transaction(() => {
      orderRows(message).forEach((columns, index) => insert.run(message.id, index, JSON.stringify(columns)));
    });
  }

  /** Writes what is in line; tells how many files. */
  async write(): Promise<number> {
    this.#close();
    const open = this.#inbox.database.prepare('SELECT number FROM order_batches WHERE written = 0 ORDER BY number').all() as { number: number }[];
    for (const { number } of open) {
      await this.#writeFile(number);
      this.#inbox.database.prepare('UPDATE order_batches SET written = 1 WHERE number = ?').run(number);
    }
    return open.length;
  }

  /** From now on it is settled what the next file holds. */
  #close(): void {
    const { database } = this.#inbox;
    this.#transaction(() => {
      const { count } = database.prepare('SELECT count(*) AS count FROM order_rows WHERE batch IS NULL').get() as { count: number };
      if (count === 0) return;
      const { lastInsertRowid } = database.prepare('INSERT INTO order_batches DEFAULT VALUES').run();
      // Whole orders: all rows of a message are written in one transaction, one after the other.
      database
        .prepare('UPDATE order_rows SET batch = ? WHERE batch IS NULL AND message_id IN (SELECT message_id FROM order_rows WHERE batch IS NULL ORDER BY place LIMIT ?)')
        .run(lastInsertRowid, MOST_ROWS);
    });
  }

  async #writeFile(number: number): Promise<void> {
    const name = `orders-${String(number).padStart(6, '0')}.csv`;
    if (existsSync(join(this.#folder, name)) || existsSync(join(this.#folder, 'archive', name))) return;
    const rows = this.#inbox.database.prepare('SELECT columns FROM order_rows WHERE batch = ? ORDER BY place').all(number) as { columns: string }[];
    const records = rows.map(({ columns }) => JSON.parse(columns) as Record<string, string>);
    // Cells that begin like a formula would be carried out by a spreadsheet.
    const text = stringify(records, { header: true, columns: [...ORDER_COLUMNS], escape_formulas: true, record_delimiter: 'windows' });
    await mkdir(this.#folder, { recursive: true });
    // Whoever watches the folder sees a whole file or none.
    const unfinished = join(this.#folder, `.${name}.unfinished`);
    const file = await open(unfinished, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, join(this.#folder, name));
    const folder = await open(this.#folder, 'r');
    await folder.sync().finally(() => folder.close());
  }

  #transaction(work: () => void): void {
    const { database } = this.#inbox;
    database.exec('BEGIN IMMEDIATE');
    try {
      work();
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}
