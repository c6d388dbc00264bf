import { isIP } from 'node:net';
import type { AddressGuard, BlockedNetwork } from '../../domain/webhooks/private-address.ts';
import type { WebhookRefusal } from '../../domain/webhooks/webhook-sender.ts';

const MAX_URL_LENGTH = 2_048;

/** Ports of other protocols, some of which would take a request for commands: the bad ports of the Fetch standard. */
const BLOCKED_PORTS: ReadonlySet<number> = new Set([
  ...[0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110],
  ...[111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532],
  ...[540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061],
  ...[6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

export const refusal = (reason: WebhookRefusal['reason'], message: string): WebhookRefusal => ({
  kind: 'refused',
  reason,
  message,
});

/** The host of a URL as connections want it: an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** Tells the network, not the address: what a name means inside our network is not the endpoint's owner's to know. */
export const blockedAddress = (host: string, { purpose, network }: BlockedNetwork): WebhookRefusal =>
  refusal(
    'blocked_address',
    `${host} has an address to which nothing is sent: ${purpose}${network === undefined ? '' : ` (${network})`}`,
  );

/** The URL, or what can be said against it without looking up its name. */
export function parseEndpointUrl(
  text: string,
  options: { blockedNetwork: AddressGuard; allowHttp: boolean },
): URL | WebhookRefusal {
  const url = text.length > MAX_URL_LENGTH ? null : URL.parse(text);
  if (url === null) return refusal('invalid_url', `The URL must be absolute, with at most ${MAX_URL_LENGTH} characters`);
  if (url.protocol !== 'https:' && !(options.allowHttp && url.protocol === 'http:')) {
    return refusal('scheme_not_allowed', `The URL must begin with https://${options.allowHttp ? ' or http://' : ''}`);
  }
  if (url.username !== '' || url.password !== '') {
    return refusal('credentials_in_url', 'The URL must not carry a user name or password: set them as authentication');
  }
  if (url.port !== '' && BLOCKED_PORTS.has(Number(url.port))) {
    return refusal('blocked_port', `Port ${url.port} belongs to another protocol`);
  }
  // Node looks up names only, so an address in the URL is checked here: in whatever way it was written, it is a plain one by now.
  const host = hostOf(url);
  const blocked = isIP(host) === 0 ? undefined : options.blockedNetwork(host);
  return blocked === undefined ? url : blockedAddress(host, blocked);
}
