import { readFile } from 'node:fs/promises';
import { Client, type ClientOptions, Connection, type ConnectionOptions } from '@temporalio/client';
import { type Config, ConfigError } from '../../platform/config.ts';
import { createDataConverter } from './payload-codec.ts';

/** Address, TLS and API key as both `Connection` and the worker's `NativeConnection` take them. Works with Temporal Cloud. */
export async function connectionOptions(config: Config): Promise<Pick<ConnectionOptions, 'tls'> & { address: string; apiKey?: string }> {
  const { address, apiKey, tls } = config.temporal;
  if (address === undefined) throw new ConfigError('TEMPORAL_ADDRESS must be set');
  const read = async (path: string | undefined): Promise<Buffer | undefined> => (path === undefined ? undefined : readFile(path));
  const [cert, key, ca] = await Promise.all([read(tls?.clientCertPath), read(tls?.clientKeyPath), read(tls?.serverCaPath)]);
  return {
    address,
    ...(apiKey !== undefined && { apiKey }),
    tls:
      tls === undefined
        ? null
        : {
            ...(cert !== undefined && key !== undefined && { clientCertPair: { crt: cert, key } }),
            ...(ca !== undefined && { serverRootCACertificate: ca }),
            ...(tls.serverName !== undefined && { serverNameOverride: tls.serverName }),
          },
  };
}

/** A connected client of the configured namespace, with its connection: close that at the end. */
export async function connectClient(
  config: Config,
  options: Pick<ClientOptions, 'interceptors'> = {},
): Promise<{ client: Client; connection: Connection }> {
  const connection = await Connection.connect({ ...(await connectionOptions(config)), connectTimeout: '10 seconds' });
  const { namespace } = config.temporal;
  return { client: new Client({ connection, namespace, dataConverter: createDataConverter(config.payloadKeys), ...options }), connection };
}
