import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A server on this machine that a test sends to, and stops. */
export interface LocalEndpoint {
  readonly port: number;
  /** Connections that it has now, and has had. */
  openSockets(): number;
  connections(): number;
}

async function listen(t: TestContext, server: Server): Promise<LocalEndpoint> {
  const open = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It listens on no port');
  return { port: address.port, openSockets: () => open.size, connections: () => connections };
}

/** Speaks HTTP. */
export const httpEndpoint = (t: TestContext, listener: RequestListener): Promise<LocalEndpoint> =>
  listen(t, createHttpServer(listener));

/** Speaks HTTP in TLS. */
export const httpsEndpoint = (t: TestContext, options: ServerOptions, listener: RequestListener): Promise<LocalEndpoint> => {
  const server: HttpServer = createHttpsServer(options, listener);
  server.on('tlsClientError', () => {});
  return listen(t, server);
};

/** Says what it likes. It reads everything, or it would not see the other side go. */
export const rawEndpoint = (t: TestContext, talk: (socket: Socket) => void): Promise<LocalEndpoint> =>
  listen(
    t,
    createTcpServer((socket) => {
      socket.resume();
      talk(socket);
    }),
  );
