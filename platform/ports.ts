import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const LOOPBACK = '127.0.0.1';

/** A TCP port that nothing listens on at this moment. */
export async function freePort(host = LOOPBACK): Promise<number> {
  const port = await tryListen(0, host);
  if (port === undefined) throw new Error(`No port is free on ${host}`);
  return port;
}

/**
 * Whether nothing listens on the port.
 * @param waitMs how long to wait for a program that is just ending
 */
export async function isPortFree(port: number, host = LOOPBACK, waitMs = 0): Promise<boolean> {
  for (const giveUpAt = Date.now() + waitMs; ;) {
    if ((await tryListen(port, host)) !== undefined) return true;
    if (Date.now() >= giveUpAt) return false;
    await delay(100);
  }
}

function tryListen(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
