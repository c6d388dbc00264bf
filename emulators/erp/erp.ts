import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

/** A row of an order, as the ERP has it. */
export interface ErpOrderRow {
  readonly file: string;
  readonly event: string;
  readonly order_number: string;
  readonly sku: string;
  readonly quantity: string;
  readonly unit_price: string;
  readonly currency: string;
}

export interface ErpOptions {
  /** Where the connector puts orders, and where it takes files from. */
  readonly orders: string;
  readonly files: string;
}

/** An ERP with batch files: takes orders as they come, and makes files of stock, prices and parcels. */
export class Erp {
  readonly #orders: string;
  readonly #files: string;
  readonly #rows: ErpOrderRow[] = [];
  #sent = 0;

  constructor({ orders, files }: ErpOptions) {
    this.#orders = orders;
    this.#files = files;
  }

  /** Takes the files that are there, each once, and moves them into `archive/`; tells how many. */
  async takeOrders(): Promise<number> {
    const archive = join(this.#orders, 'archive');
    await mkdir(archive, { recursive: true });
    const names = (await readdir(this.#orders)).filter((name) => /^orders-\d+\.csv$/.test(name)).sort();
    for (const name of names) {
      const rows = parse<Omit<ErpOrderRow, 'file'>>(await readFile(join(this.#orders, name)), { columns: true });
      this.#rows.push(...rows.map((row) => ({ ...row, file: name })));
      await rename(join(this.#orders, name), join(archive, name));
    }
    return names.length;
  }

  /** Everything that it has taken, in order. */
  rows(): readonly ErpOrderRow[] {
    return this.#rows;
  }

  /** Sends a file; tells its name. */
  async send(kind: 'stock' | 'prices' | 'tracking', rows: readonly Readonly<Record<string, string>>[]): Promise<string> {
    return this.sendText(kind, stringify([...rows], { header: true }));
  }

  /** The same, of whatever somebody has written: half a file, nonsense. */
  async sendText(kind: 'stock' | 'prices' | 'tracking', text: string): Promise<string> {
    return this.sendFile(`${kind}-${String((this.#sent += 1)).padStart(4, '0')}.csv`, text);
  }

  /** The same under a name that there may have been before. */
  async sendFile(name: string, text: string): Promise<string> {
    await mkdir(this.#files, { recursive: true });
    // As ERPs do: straight into the folder, under its final name.
    await writeFile(join(this.#files, name), text);
    return name;
  }

  /** What became of its files: names in `done/` and `failed/`, and what was wrong. */
  async outcomes(): Promise<{ done: string[]; failed: string[]; errors: string[] }> {
    const list = (folder: string): Promise<string[]> => readdir(join(this.#files, folder)).catch(() => []);
    const failed = await list('failed');
    const errors = await Promise.all(failed.filter((name) => name.endsWith('.error.txt')).map((name) => readFile(join(this.#files, 'failed', name), 'utf8')));
    return { done: await list('done'), failed: failed.filter((name) => name.endsWith('.csv')), errors };
  }
}
