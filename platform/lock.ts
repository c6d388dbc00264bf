import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes a lock that stands for a path, or answers undefined when another process holds it. The lock is a listening local
 * socket, so that it ends with its process, however that dies, and never names a process that is long gone.
 */
export async function tryLock(path: string): Promise<Lock | undefined> {
  const name = `headlesspro-${createHash('sha256').update(resolve(path)).digest('hex').slice(0, 24)}`;
  const socket = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.lock`);
  let server = await listen(socket);
  if (server === undefined && !(await answers(socket))) {
    rmSync(socket, { force: true });
    server = await listen(socket);
  }
  if (server === undefined) return undefined;
  const held = server;
  held.unref();
  return { release: () => new Promise((done) => void held.close(() => done())) };
}

function listen(socket: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((peer) => peer.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(socket, () => resolve(server));
  });
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const peer = connect(socket);
    peer.once('connect', () => {
      peer.destroy();
      resolve(true);
    });
    peer.once('error', () => resolve(false));
  });
}
