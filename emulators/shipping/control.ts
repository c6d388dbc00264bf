import { emulatorControl, type EmulatorControl } from '../shared/control-client.ts';
import type { ShipmentEntry, ShipmentPage } from './control-routes.ts';
import type { Settings } from './depot.ts';
import type { ShipmentState, Side } from './shipment.ts';

export type { ShipmentEntry } from './control-routes.ts';

/** The control API's typed client: scripts faults, plays driver and warehouse. Each method rejects when the emulator refuses. */
export interface ShippingEmulatorControl extends Omit<EmulatorControl<ShipmentEntry>, 'ledger'> {
  /** Where the events of a side go; null stops them. The secret stays as it was when absent. */
  setWebhookEndpoint(side: Side, url: string | null, secret?: string): Promise<void>;
  /** Every parcel of both sides, oldest first, read page by page. */
  shipments(filter?: { reference?: string }): AsyncGenerator<ShipmentEntry>;
  /** Moves a parcel to a state, by default to the next. */
  advance(ref: string, state?: ShipmentState, reason?: string): Promise<ShipmentEntry>;
  /** Says what of an order will leave the warehouse, by SKU; what is not named leaves in full. */
  shortShip(ref: string, quantities: Readonly<Record<string, number>>): Promise<ShipmentEntry>;
  /** Refuses the next request: the carrier at once, the warehouse after it has taken it. */
  rejectNext(side: Side, reason?: string): Promise<void>;
  configure(settings: Partial<Settings>): Promise<void>;
}

const PAGE = 500;

/** A client of the control API of the emulator at `url`. */
export function shippingEmulatorControl(url: string): ShippingEmulatorControl {
  const { common, call } = emulatorControl<ShipmentEntry>('shipping', url);
  const { ledger: _, ...shared } = common;
  return {
    ...shared,
    setWebhookEndpoint: (side, endpoint, secret) =>
      call('PUT', 'webhooks', { side, url: endpoint, ...(secret === undefined ? {} : { secret }) }),
    async *shipments({ reference } = {}) {
      const filter = reference === undefined ? '' : `&reference=${encodeURIComponent(reference)}`;
      let after: string | null = null;
      do {
        const page: ShipmentPage = await call(
          'GET',
          `shipments?limit=${PAGE}${filter}${after === null ? '' : `&after=${after}`}`,
        );
        yield* page.entries;
        after = page.next;
      } while (after !== null);
    },
    advance: (ref, state, reason) =>
      call('POST', `shipments/${ref}/advance`, { ...(state && { state }), ...(reason && { reason }) }),
    shortShip: (ref, quantities) => call('POST', `shipments/${ref}/short-ship`, quantities),
    rejectNext: (side, reason) => call('POST', 'rejections', { side, ...(reason && { reason }) }),
    configure: (settings) => call('PUT', 'settings', settings),
  };
}
