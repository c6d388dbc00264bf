import { lookup } from 'node:dns/promises';

/** The IP addresses of a host name, in the order in which they should be tried. Rejects when it has none. */
export type HostResolver = (hostname: string) => Promise<readonly string[]>;

/**
 * Asks the operating system, as everything else on the machine does. Node has few threads for such questions, so a name that is
 * being asked for is not asked for a second time meanwhile: one that hangs takes one thread, however many webhooks wait for it.
 */
export function createHostResolver(): HostResolver {
  const underWay = new Map<string, Promise<readonly string[]>>();
  return (hostname) => {
    const asked = underWay.get(hostname);
    if (asked !== undefined) return asked;
    const addresses = lookup(hostname, { all: true, order: 'verbatim' })
      .then((found) => found.map(({ address }) => address))
      .finally(() => underWay.delete(hostname));
    underWay.set(hostname, addresses);
    return addresses;
  };
}
