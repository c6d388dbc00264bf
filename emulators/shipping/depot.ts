import { createHash, randomBytes } from 'node:crypto';
import { ApiError, notFound } from './api-error.ts';
import { isEnd, mayReach, nextState, type Shipment, type ShipmentState, type Side } from './shipment.ts';

/** What the emulator may be told to do otherwise. */
export interface Settings {
  /** Whether shipments go on by themselves: when they are asked about, or each time so many milliseconds have passed. */
  autoAdvance: 'never' | 'on_poll' | number;
  /** Articles that the warehouse does not have: orders of them are refused at once. */
  unknownSkus: readonly string[];
}

/** What is written to the data file. */
export interface DepotState {
  readonly shipments: Shipment[];
  readonly keys: [string, KeptKey][];
}

interface KeptKey {
  readonly bodyHash: string;
  readonly shipmentId: string;
}

export type NewShipment = Omit<
  Shipment,
  'id' | 'createdAt' | 'state' | 'trackingNumber' | 'shippedAt' | 'deliveredAt' | 'reason'
>;

const DEFAULT_SETTINGS: Settings = { autoAdvance: 'never', unknownSkus: [] };
const ID_PREFIX: Record<Side, string> = { carrier: 'lbl', logistics: 'so' };

const random = (bytes: number): string => randomBytes(bytes).toString('hex');
const now = (): string => new Date().toISOString();

/** All parcels of both companies, and what happens to them. */
export class Depot {
  readonly shipments = new Map<string, Shipment>();
  readonly #keys = new Map<string, KeptKey>();
  readonly #rejections: Record<Side, string[]> = { carrier: [], logistics: [] };
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #onChange: (shipment: Shipment) => void;
  #settings: Settings;
  readonly #startSettings: Settings;
  /** Counts resets, so that what was under way before one leaves no trace after it. */
  generation = 0;

  constructor(options: { settings: Partial<Settings>; onChange: (shipment: Shipment) => void }) {
    this.#onChange = options.onChange;
    this.#startSettings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.#settings = this.#startSettings;
  }

  get settings(): Settings {
    return this.#settings;
  }

  configure(settings: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...settings };
    this.resume();
  }

  /** Lets parcels go on that wait for their next step, at the pace that holds now. */
  resume(): void {
    this.#stopTimers();
    for (const shipment of this.shipments.values()) this.#schedule(shipment);
  }

  /** Makes a shipment once for its key: a repeated request gets the same one as it stands, another body a refusal. */
  create(key: string, body: string, shipment: NewShipment): { shipment: Shipment; replayed: boolean } {
    const { side } = shipment;
    const bodyHash = createHash('sha256').update(body).digest('base64url');
    const known = this.#keys.get(`${side} ${key}`);
    if (known) {
      if (known.bodyHash !== bodyHash) throw new ApiError(422, 'idempotency_key_reused', 'The key was used for another request');
      return { shipment: this.get(side, known.shipmentId), replayed: true };
    }
    const unknown = side === 'logistics' ? shipment.lines.find(({ sku }) => this.#settings.unknownSkus.includes(sku)) : undefined;
    if (unknown) throw new ApiError(422, 'unknown_sku', `The warehouse does not have ${unknown.sku}`);
    const rejection = this.#rejections[side].shift();
    if (rejection !== undefined && side === 'carrier') throw new ApiError(422, 'refused', rejection);

    const made: Shipment = { ...shipment, id: `${ID_PREFIX[side]}_${random(10)}`, createdAt: now(), state: 'accepted' };
    if (side === 'carrier') made.trackingNumber = newTrackingNumber();
    this.shipments.set(made.id, made);
    this.#keys.set(`${side} ${key}`, { bodyHash, shipmentId: made.id });
    this.#changed(made);
    // A warehouse takes an order before it looks at it closely.
    if (rejection !== undefined) setImmediate(() => this.shipments.has(made.id) && this.advance(made, 'rejected', rejection));
    return { shipment: made, replayed: false };
  }

  get(side: Side, id: string): Shipment {
    const shipment = this.shipments.get(id);
    if (shipment?.side !== side) throw notFound();
    return shipment;
  }

  /** As the API is asked for it: this is what makes it go on when it goes on by being asked about. */
  poll(side: Side, id: string): Shipment {
    const shipment = this.get(side, id);
    if (this.#settings.autoAdvance === 'on_poll') this.#step(shipment);
    return shipment;
  }

  /** Newest first. */
  withReference(side: Side, reference: string): Shipment[] {
    return [...this.shipments.values()]
      .filter((shipment) => shipment.side === side && shipment.reference === reference)
      .reverse();
  }

  /** Raises too_late when it has gone too far to be stopped. */
  cancel(side: Side, id: string): Shipment {
    const shipment = this.get(side, id);
    if (shipment.state === 'canceled') return shipment;
    if (!mayReach(shipment, 'canceled')) throw new ApiError(409, 'too_late', `It is ${shipment.state} already`);
    this.#move(shipment, 'canceled', 'Canceled by the shipper');
    return shipment;
  }

  /** Moves a shipment to a state, or to what comes next; false when it cannot go there. */
  advance(shipment: Shipment, state = nextState(shipment), reason?: string): boolean {
    if (state === undefined || !mayReach(shipment, state)) return false;
    this.#move(shipment, state, reason);
    return true;
  }

  /** Says what of the order will leave; false when it has left, or when it is not less than what was ordered. */
  shortShip(shipment: Shipment, quantities: Readonly<Record<string, number>>): boolean {
    const wanted = shipment.lines.map((line) => quantities[line.sku] ?? line.quantity);
    const fits =
      shipment.lines.every((line, index) => (wanted[index] ?? 0) <= line.quantity) && wanted.some((quantity) => quantity > 0);
    if (!fits || shipment.side !== 'logistics' || shipment.shippedAt !== undefined || isEnd(shipment.state)) return false;
    shipment.lines.forEach((line, index) => (line.toShip = wanted[index] ?? line.quantity));
    return true;
  }

  /** Refuses the next request: the carrier at once, the warehouse after it has taken it. */
  rejectNext(side: Side, reason: string): void {
    this.#rejections[side].push(reason);
  }

  save(): DepotState {
    return { shipments: [...this.shipments.values()], keys: [...this.#keys] };
  }

  restore(state: DepotState): void {
    for (const [key, kept] of state.keys) this.#keys.set(key, kept);
    for (const shipment of state.shipments) this.shipments.set(shipment.id, shipment);
  }

  clear(): void {
    this.generation++;
    this.#stopTimers();
    this.shipments.clear();
    this.#keys.clear();
    this.#rejections.carrier = [];
    this.#rejections.logistics = [];
    this.#settings = this.#startSettings;
  }

  close(): void {
    this.#stopTimers();
  }

  #move(shipment: Shipment, state: ShipmentState, reason?: string): void {
    const leaves = ['shipped', 'in_transit', 'exception', 'delivered', 'returned'].includes(state);
    if (leaves && shipment.shippedAt === undefined) {
      shipment.shippedAt = now();
      shipment.trackingNumber ??= newTrackingNumber();
    }
    if (state === 'delivered') shipment.deliveredAt = now();
    shipment.state = state;
    delete shipment.reason;
    if (reason !== undefined) shipment.reason = reason;
    this.#changed(shipment);
  }

  #changed(shipment: Shipment): void {
    this.#onChange(shipment);
    this.#schedule(shipment);
  }

  /** Returns wait for the customer, who sends nothing back by themselves. */
  #step(shipment: Shipment): void {
    if (shipment.direction === 'outbound') this.advance(shipment);
  }

  #schedule(shipment: Shipment): void {
    const { autoAdvance } = this.#settings;
    if (typeof autoAdvance !== 'number' || nextState(shipment) === undefined) return;
    const { state } = shipment;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (shipment.state === state) this.#step(shipment);
    }, autoAdvance);
    timer.unref();
    this.#timers.add(timer);
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** Letters in front: nobody takes it for the number of a card. */
const newTrackingNumber = (): string => `EX${random(6).toUpperCase()}`;
