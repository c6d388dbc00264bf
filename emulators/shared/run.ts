/** A port of the environment; 0, a free one, when it is not set. */
export function portFrom(name: string, text: string | undefined): number {
  const port = Number(text ?? '0');
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`${name} must be a port number, not ${JSON.stringify(text)}`);
}

/** Says where the emulator listens, and closes it when the process is asked to end. */
export function keepRunning(name: string, emulator: { readonly url: string; close(): Promise<void> }): void {
  console.log(`${name} emulator listening on ${emulator.url}`);
  let closing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (closing) return;
      closing = true;
      void emulator.close();
    });
  }
}
