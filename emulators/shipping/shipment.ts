/** The two companies that the emulator plays: one only carries, the other has a warehouse and packs too. */
export const SIDES = ['carrier', 'logistics'] as const;
export type Side = (typeof SIDES)[number];

export const STATES = [
  'accepted',
  'picking',
  'packed',
  'shipped',
  'in_transit',
  'exception',
  'delivered',
  'returned',
  'canceled',
  'rejected',
] as const;
export type ShipmentState = (typeof STATES)[number];

export interface ShipmentLine {
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  /** What will leave, or has left: less than the quantity when some of it could not be found. */
  toShip: number;
}

/** One parcel. Times are ISO instants. */
export interface Shipment {
  readonly id: string;
  readonly side: Side;
  /** The store's id of it. */
  readonly reference: string;
  readonly direction: 'outbound' | 'return';
  readonly orderNumber: string;
  readonly service: string;
  readonly from: string;
  readonly to: string;
  readonly lines: ShipmentLine[];
  readonly createdAt: string;
  state: ShipmentState;
  trackingNumber?: string;
  shippedAt?: string;
  deliveredAt?: string;
  reason?: string;
}

const ENDS: ReadonlySet<ShipmentState> = new Set(['delivered', 'returned', 'canceled', 'rejected']);

/** What comes next when all goes well. */
const NEXT: Record<Side, Partial<Record<ShipmentState, ShipmentState>>> = {
  carrier: { accepted: 'shipped', shipped: 'in_transit', in_transit: 'delivered', exception: 'in_transit' },
  logistics: { accepted: 'picking', picking: 'packed', packed: 'shipped', shipped: 'delivered' },
};

/** How far each state is on the way; what is as far may be reached from each other. */
const PROGRESS: Record<Side, Partial<Record<ShipmentState, number>>> = {
  carrier: { accepted: 0, canceled: 1, shipped: 1, in_transit: 2, exception: 2, delivered: 3, returned: 3 },
  logistics: { accepted: 0, rejected: 1, picking: 1, canceled: 2, packed: 2, shipped: 3, delivered: 4, returned: 4 },
};

export const isEnd = (state: ShipmentState): boolean => ENDS.has(state);

export const nextState = ({ side, state }: Shipment): ShipmentState | undefined => NEXT[side][state];

/** Whether the shipment may go to the state: forward, and by the ways of its side. */
export function mayReach({ side, state, shippedAt }: Shipment, wanted: ShipmentState): boolean {
  const from = PROGRESS[side][state];
  const to = PROGRESS[side][wanted];
  if (from === undefined || to === undefined || isEnd(state) || wanted === state || to < from) return false;
  if (wanted === 'canceled' || wanted === 'rejected') return to > from;
  return wanted !== 'returned' || shippedAt !== undefined;
}
