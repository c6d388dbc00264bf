/** What happens by itself, later. No timer keeps the process alive. */
export class Timers {
  readonly #waiting = new Set<NodeJS.Timeout>();

  after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      run();
    }, ms);
    timer.unref();
    this.#waiting.add(timer);
  }

  cancelAll(): void {
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
  }
}
