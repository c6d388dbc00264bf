import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { AddressGuard, BlockedNetwork } from '../../domain/webhooks/private-address.ts';
import type { HostResolver } from './resolve-host.ts';

/** A name has an address to which nothing is sent. */
export class BlockedAddressError extends Error {
  readonly hostname: string;
  readonly blocked: BlockedNetwork;

  constructor(hostname: string, blocked: BlockedNetwork) {
    super(`${hostname} has a blocked address`);
    this.name = 'BlockedAddressError';
    this.hostname = hostname;
    this.blocked = blocked;
  }
}

/** No address was found for a name. */
export class UnresolvedNameError extends Error {
  constructor(hostname: string, options?: ErrorOptions) {
    super(`No address was found for ${hostname}`, options);
    this.name = 'UnresolvedNameError';
  }
}

export interface AgentPair {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** Connections to checked addresses only. */
export interface GuardedAgents {
  /** Kept open between requests, so many for each host. */
  readonly pooled: AgentPair;
  /** Closed after one request. */
  readonly fresh: AgentPair;
  /** Closes the connections that are kept open, and those in use. */
  close(): void;
}

/** Idle connections that are kept open for each host, and milliseconds until they are closed. */
const MAX_IDLE_SOCKETS = 4;
const IDLE_TIMEOUT_MS = 15_000;

/**
 * The addresses that are checked are those that are connected to: nobody looks up the name again in between. One blocked address
 * is enough, or its turn would come in another try.
 */
function guardedLookup(resolve: HostResolver, blockedNetwork: AddressGuard): LookupFunction {
  async function checked(hostname: string): Promise<{ address: string; family: number }[]> {
    const addresses = await resolve(hostname).catch((cause: unknown) => {
      throw new UnresolvedNameError(hostname, { cause });
    });
    for (const address of addresses) {
      const blocked = blockedNetwork(address);
      if (blocked !== undefined) throw new BlockedAddressError(hostname, blocked);
    }
    return addresses.map((address) => ({ address, family: isIP(address) }));
  }
  return (hostname, { all }, callback) => {
    checked(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) callback(new UnresolvedNameError(hostname), '');
        else if (all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
}

/** Names are resolved and checked when a connection is made; IP addresses in URLs are checked by `parseEndpointUrl`. */
export function createGuardedAgents(options: {
  resolve: HostResolver;
  blockedNetwork: AddressGuard;
  maxSocketsPerHost: number;
}): GuardedAgents {
  const { resolve, blockedNetwork, maxSocketsPerHost } = options;
  const lookup = guardedLookup(resolve, blockedNetwork);
  const shared = { lookup, maxSockets: maxSocketsPerHost };
  const pool = { ...shared, keepAlive: true, maxFreeSockets: MAX_IDLE_SOCKETS, timeout: IDLE_TIMEOUT_MS };
  // Said again, since a variable of the environment could switch it off for the whole process.
  const verified = { rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
  const pooled = { http: new HttpAgent(pool), https: new HttpsAgent({ ...pool, ...verified }) };
  const fresh = { http: new HttpAgent(shared), https: new HttpsAgent({ ...shared, ...verified }) };
  return {
    pooled,
    fresh,
    close() {
      for (const { http, https } of [pooled, fresh]) {
        http.destroy();
        https.destroy();
      }
    },
  };
}
