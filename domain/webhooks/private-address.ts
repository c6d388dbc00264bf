import { invalid } from '../shared/errors.ts';

/**
 * An address as a number of 128 bits. An IPv4 address is its IPv4-mapped IPv6 address (`::ffff:a.b.c.d`), so that one place has
 * one number whichever way it is written.
 */
type Address = bigint;

/** The addresses that share their first `bits` bits. */
interface Network {
  readonly text: string;
  readonly first: Address;
  readonly bits: number;
}

/** Why nothing is sent to an address: what the network is for, such as `loopback`, and its CIDR where it has one. */
export interface BlockedNetwork {
  readonly purpose: string;
  readonly network?: string;
}

/** Tells why nothing is sent to an IP address, or `undefined` when it is a public one or in a network that is allowed. */
export type AddressGuard = (address: string) => BlockedNetwork | undefined;

const ADDRESS_BITS = 128;
const IPV4_BITS = 32;
const IPV4_PREFIX_BITS = ADDRESS_BITS - IPV4_BITS;
const IPV4_MAPPED = 0xffffn << BigInt(IPV4_BITS);
const IPV4_MASK = (1n << BigInt(IPV4_BITS)) - 1n;
const GROUPS = 8;

const isIpv4 = (address: Address): boolean => address >> BigInt(IPV4_BITS) === 0xffffn;

/** Four decimal numbers without leading zeros: what else some programs take for an address is a host name here. */
function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** The groups of one side of `::`. */
function parseGroups(text: string): bigint[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  return groups.every((group) => /^[\da-f]{1,4}$/i.test(group)) ? groups.map((group) => BigInt(`0x${group}`)) : undefined;
}

/** An IPv4 address at the end, as in `::ffff:10.0.0.1`, written as the two groups that it is. */
function withoutDots(text: string): string {
  const [, start, end = ''] = /^(.*:)([\d.]+)$/.exec(text) ?? [];
  const ipv4 = parseIpv4(end);
  return start === undefined || ipv4 === undefined
    ? text
    : `${start}${(ipv4 >> 16n).toString(16)}:${(ipv4 & 0xffffn).toString(16)}`;
}

function parseIpv6(text: string): Address | undefined {
  const sides = withoutDots(text).split('::');
  const head = parseGroups(sides[0] ?? '');
  const tail = parseGroups(sides[1] ?? '');
  if (sides.length > 2 || head === undefined || tail === undefined) return undefined;
  const missing = GROUPS - head.length - tail.length;
  if (sides.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<bigint>(missing).fill(0n), ...tail];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

function parseAddress(text: string): Address | undefined {
  const ipv4 = parseIpv4(text);
  return ipv4 === undefined ? parseIpv6(text) : IPV4_MAPPED | ipv4;
}

const prefixOf = (address: Address, bits: number): bigint => address >> BigInt(ADDRESS_BITS - bits);

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address. Raises INVALID_INPUT, also for bits that are set behind the prefix. */
function parseNetwork(text: string, field: string): Network {
  const [, start = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const first = parseAddress(start);
  if (first === undefined) throw invalid(field, `${text} is no network such as 10.0.0.0/8 or fd00::/8`);
  const offset = start.includes(':') ? 0 : IPV4_PREFIX_BITS;
  const bits = length === undefined ? ADDRESS_BITS : offset + Number(length);
  if (bits > ADDRESS_BITS) throw invalid(field, `${text} has a prefix that is too long`);
  if (prefixOf(first, bits) << BigInt(ADDRESS_BITS - bits) !== first)
    throw invalid(field, `${text} has bits set behind its prefix`);
  return { text, first, bits };
}

/** A network that is wider than all of IPv4, such as `::/0`, is one of IPv6 alone. */
const contains = ({ first, bits }: Network, address: Address): boolean =>
  (bits >= IPV4_PREFIX_BITS || !isIpv4(address)) && prefixOf(address, bits) === prefixOf(first, bits);

const named = (purpose: string, networks: readonly string[]): { purpose: string; network: Network }[] =>
  networks.map((text) => ({ purpose, network: parseNetwork(text, 'network') }));

/** Where clouds hand a machine its credentials. */
const METADATA_SERVICES = named('cloud metadata', [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
]);

/** After IANA's registries of special-purpose addresses. */
const SPECIAL_NETWORKS = [
  ...named('this network', ['0.0.0.0/8', '::/128']),
  ...named('loopback', ['127.0.0.0/8', '::1/128']),
  ...named('private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10']),
  ...named('carrier-grade NAT', ['100.64.0.0/10']),
  ...named('link-local', ['169.254.0.0/16', 'fe80::/10']),
  ...named('protocol assignments', ['192.0.0.0/24', '2001::/23']),
  ...named('documentation', ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20']),
  ...named('benchmarking', ['198.18.0.0/15']),
  ...named('6to4', ['192.88.99.0/24', '2002::/16']),
  ...named('multicast', ['224.0.0.0/4', 'ff00::/8']),
  ...named('broadcast', ['255.255.255.255/32']),
  ...named('reserved', ['240.0.0.0/4']),
];

/** All that is handed out of IPv6; the rest has no meaning yet, or one on the machine alone. */
const GLOBAL_IPV6 = parseNetwork('2000::/3', 'network');
/** A translator sends such an address on to the IPv4 address in its last 32 bits. */
const NAT64 = parseNetwork('64:ff9b::/96', 'network');

/**
 * Refuses every address that is not public, but for the allowed networks (CIDRs). Cloud metadata services are refused even there:
 * nobody means to post events to them. Raises INVALID_INPUT for a network that cannot be read.
 */
export function createAddressGuard(allowedNetworks: readonly string[]): AddressGuard {
  const allowed = allowedNetworks.map((text) => parseNetwork(text, 'allowedNetworks'));
  return (text) => {
    const address = parseAddress(text);
    if (address === undefined) return { purpose: 'unreadable' };
    const destination = contains(NAT64, address) ? IPV4_MAPPED | (address & IPV4_MASK) : address;
    const within = ({ network }: { network: Network }): boolean => contains(network, destination);
    const metadata = METADATA_SERVICES.find(within);
    if (metadata !== undefined) return { purpose: metadata.purpose };
    if (allowed.some((network) => contains(network, address) || contains(network, destination))) return undefined;
    const special = SPECIAL_NETWORKS.find(within);
    if (special !== undefined) return { purpose: special.purpose, network: special.network.text };
    return isIpv4(destination) || contains(GLOBAL_IPV6, destination) ? undefined : { purpose: 'reserved' };
  };
}
