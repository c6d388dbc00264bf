import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Account, AccountState } from './account.ts';

const WRITE_AFTER_MS = 250;

/** Keeps an account in a file from one start to the next: whole snapshots, written soon after a change. */
export class DataFile {
  readonly #path: string;
  readonly #account: Account;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, account: Account, onError: (error: unknown) => void) {
    this.#path = path;
    this.#account = account;
    this.#onError = onError;
  }

  static async open(path: string, account: Account, onError: (error: unknown) => void): Promise<DataFile> {
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, 'utf8').catch(() => undefined);
    // Written by ourselves, and never half: the file is replaced by renaming.
    if (text !== undefined) account.restore(JSON.parse(text) as AccountState);
    return new DataFile(path, account, onError);
  }

  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#writing.then(() => this.#write()).catch(this.#onError);
    }, WRITE_AFTER_MS);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    const unfinished = `${this.#path}.unfinished`;
    await writeFile(unfinished, JSON.stringify(this.#account.save()));
    await rename(unfinished, this.#path);
  }
}
