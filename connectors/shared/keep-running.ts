import type { Connector } from './connector.ts';

/** Says where it listens, and closes it when the process is asked to end. */
export function keepRunning(name: string, connector: Connector): void {
  console.log(`The ${name} connector listens: webhooks of the store go to ${connector.url}/store, ${connector.url}/status tells how it stands`);
  let closing = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (closing) return;
      closing = true;
      void connector.close();
    });
  }
}
