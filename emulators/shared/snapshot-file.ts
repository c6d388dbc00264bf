import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const WRITE_AFTER_MS = 250;

/** Keeps what an emulator holds in a file from one start to the next: whole snapshots, written soon after a change. */
export class SnapshotFile<State> {
  readonly #path: string;
  readonly #save: () => State;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, save: () => State, onError: (error: unknown) => void) {
    this.#path = path;
    this.#save = save;
    this.#onError = onError;
  }

  /** Restores what the file holds, if there is one. */
  static async open<State>(
    path: string,
    holder: { save(): State; restore(state: State): void },
    onError: (error: unknown) => void,
  ): Promise<SnapshotFile<State>> {
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
    // Written by ourselves, and never half: the file is replaced by renaming.
    if (text !== undefined) holder.restore(JSON.parse(text) as State);
    return new SnapshotFile(path, () => holder.save(), onError);
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
    await writeFile(unfinished, JSON.stringify(this.#save()));
    await rename(unfinished, this.#path);
  }
}
