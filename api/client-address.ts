import type { IncomingMessage } from 'node:http';

/**
 * The client's network address. Each trusted proxy appends the address that it saw, so with `trustedProxies` of them the
 * client's is that many from the right; whatever stands further left, anyone can have written.
 */
export function clientAddress(request: Pick<IncomingMessage, 'headers' | 'socket'>, trustedProxies: number): string {
  const peer = request.socket.remoteAddress ?? '';
  if (trustedProxies === 0) return peer;
  const header = request.headers['x-forwarded-for'];
  const seen = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((part) => part.trim());
  const addresses = seen.filter((part) => part !== '');
  return addresses.at(-trustedProxies) ?? addresses[0] ?? peer;
}
