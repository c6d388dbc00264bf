import type { Depot } from './depot.ts';
import type { Shipment } from './shipment.ts';

const labelText = (shipment: Shipment): string =>
  [
    `${shipment.service.toUpperCase()}  ${shipment.trackingNumber ?? ''}`,
    `Order ${shipment.orderNumber}${shipment.direction === 'return' ? ' (return)' : ''}`,
    `From  ${shipment.from}`,
    `To    ${shipment.to}`,
    ...shipment.lines.map(({ quantity, sku, title }) => `${String(quantity).padStart(4)} × ${sku}  ${title}`),
  ].join('\n');

/** What a tracking page says to whoever has the number: nothing about who gets what. */
const trackingText = ({ trackingNumber = '', state, shippedAt, deliveredAt, reason }: Shipment): string =>
  [
    `${trackingNumber}: ${state.replaceAll('_', ' ')}`,
    ...(shippedAt === undefined ? [] : [`${shippedAt} picked up`]),
    ...(deliveredAt === undefined ? [] : [`${deliveredAt} delivered`]),
    ...(reason === undefined ? [] : [reason]),
  ].join('\n');

/** `/{carrier,logistics}/labels/:id` and `/{carrier,logistics}/track/:number`, as plain text; undefined when there is no such page. */
export function documentAt(depot: Depot, path: string): string | undefined {
  const [, side, label] = /^\/(carrier|logistics)\/labels\/([^/]+)$/.exec(path) ?? [];
  const [, number] = /^\/(?:carrier|logistics)\/track\/([^/]+)$/.exec(path) ?? [];
  for (const shipment of depot.shipments.values()) {
    if (label !== undefined && shipment.side === side && shipment.id === label) return labelText(shipment);
    if (number !== undefined && shipment.trackingNumber === number) return trackingText(shipment);
  }
  return undefined;
}
