import type { UnitPart } from '../orders/plan-fulfillments.ts';
import { fewestLocations, rankLocations, type AllocationStrategy, type Place, type RankedLocation } from './rank-locations.ts';

/** What a stock level can give. Sources of one location share its priority and place. */
export interface StockSource {
  readonly levelId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  /** The lowest is preferred. */
  readonly priority: number;
  readonly place?: Place;
  /** Units. */
  readonly available: number;
}

/** Units of one thing that is sold, which may be made of several items. */
export interface StockDemand {
  readonly quantity: number;
  /** What one unit takes from the shelf. */
  readonly parts: readonly UnitPart[];
  /** Backorders and preorders: what is not there is sold all the same, and waits. */
  readonly mayWait?: boolean;
}

/** Units to take from one stock level. */
export interface StockTake {
  readonly levelId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly quantity: number;
}

/** Units of an item that wait until stock arrives. */
export interface StockWait {
  readonly inventoryItemId: string;
  readonly quantity: number;
}

/** An item of which more is asked for than can be had. Units. */
export interface StockShortage {
  readonly inventoryItemId: string;
  readonly requested: number;
  readonly available: number;
}

export type StockAllocation =
  | { readonly ok: true; readonly takes: readonly StockTake[]; readonly waits: readonly StockWait[] }
  | { readonly ok: false; readonly shortages: readonly StockShortage[] };

export interface AllocationRules {
  readonly strategy?: AllocationStrategy;
  readonly destination?: Place | null;
  /** By item: units that orders wait for already; these come first. */
  readonly owed?: ReadonlyMap<string, number>;
  /** By item: how many more units may be sold without being there; absent: any number. */
  readonly backorderLeft?: ReadonlyMap<string, number>;
}

type Units = Map<string, number>;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const add = (units: Units, key: string, quantity: number): void => void units.set(key, (units.get(key) ?? 0) + quantity);

/** Units of each item that the demands take together. */
function itemsOf(demands: readonly StockDemand[]): Units {
  const units: Units = new Map();
  for (const { quantity, parts } of demands) for (const part of parts) add(units, part.inventoryItemId, part.quantity * quantity);
  return units;
}

const available = (sources: readonly StockSource[]): Units => {
  const units: Units = new Map();
  for (const source of sources) add(units, source.inventoryItemId, source.available);
  return units;
};

const covers = (wanted: Units, sources: readonly StockSource[]): boolean => {
  const there = available(sources);
  return [...wanted].every(([item, quantity]) => (there.get(item) ?? 0) >= quantity);
};

/** What is left when those who wait already have got theirs, from the last shelves first. */
function withoutOwed(sources: readonly StockSource[], owed: ReadonlyMap<string, number>): StockSource[] {
  const open = new Map(owed);
  return [...sources]
    .reverse()
    .map((source) => {
      const reserved = Math.min(open.get(source.inventoryItemId) ?? 0, source.available);
      open.set(source.inventoryItemId, (open.get(source.inventoryItemId) ?? 0) - reserved);
      return { ...source, available: source.available - reserved };
    })
    .reverse()
    .filter((source) => source.available > 0);
}

/** Takes units from shelves and remembers what is left on each. */
class Shelves {
  readonly #left: Units;
  readonly #taken: Units = new Map();
  readonly #sources: readonly StockSource[];

  constructor(sources: readonly StockSource[]) {
    this.#sources = sources;
    this.#left = new Map(sources.map(({ levelId, available: units }) => [levelId, units]));
  }

  #of(item: string, locationId?: string): StockSource[] {
    return this.#sources.filter((source) => source.inventoryItemId === item && (locationId === undefined || source.locationId === locationId));
  }

  #units(item: string, locationId: string): number {
    return this.#of(item, locationId).reduce((sum, { levelId }) => sum + (this.#left.get(levelId) ?? 0), 0);
  }

  #take(sources: readonly StockSource[], quantity: number): number {
    let open = quantity;
    for (const { levelId } of sources) {
      const taken = Math.min(open, this.#left.get(levelId) ?? 0);
      if (taken === 0) continue;
      open -= taken;
      add(this.#left, levelId, -taken);
      add(this.#taken, levelId, taken);
    }
    return open;
  }

  /** Whole units from one location; tells how many there were. */
  takeWhole({ parts }: StockDemand, quantity: number, locationId: string): number {
    const units = Math.min(quantity, ...parts.map((part) => Math.floor(this.#units(part.inventoryItemId, locationId) / part.quantity)));
    for (const part of parts) this.#take(this.#of(part.inventoryItemId, locationId), part.quantity * units);
    return units;
  }

  /** The parts of units from wherever they lie. */
  takeScattered({ parts }: StockDemand, quantity: number): void {
    for (const part of parts) this.#take(this.#of(part.inventoryItemId), part.quantity * quantity);
  }

  takes(): StockTake[] {
    return this.#sources
      .flatMap(({ levelId, inventoryItemId, locationId }) => {
        const quantity = this.#taken.get(levelId) ?? 0;
        return quantity > 0 ? [{ levelId, inventoryItemId, locationId, quantity }] : [];
      })
      .sort((a, b) => compareText(a.levelId, b.levelId));
  }
}

/** The locations, as the strategy asks them. */
function locationsFor(wanted: Units, sources: readonly StockSource[], { strategy = 'fewest_splits', destination = null }: AllocationRules): string[] {
  const byId = new Map<string, RankedLocation>(sources.map(({ locationId, priority, place }) => [locationId, { id: locationId, priority, place }]));
  const ranked = rankLocations([...byId.values()], strategy, destination);
  if (strategy !== 'fewest_splits') return ranked.map(({ id }) => id);
  const few = fewestLocations(ranked, (ids) => covers(wanted, sources.filter(({ locationId }) => ids.has(locationId))));
  return [...few, ...ranked.filter((location) => !few.includes(location))].map(({ id }) => id);
}

/**
 * Decides which stock levels supply the demands: all or nothing, but for what may wait. `fewest_splits` uses as few locations as
 * possible, the preferred ones among equals; `priority` and `nearest` ask the locations one after the other. Units that are made
 * of several items come from one location while one has them. Takes are sorted by level id: the one order in which every
 * checkout locks rows, so that two never wait for each other.
 */
export function allocateStock(demands: readonly StockDemand[], sources: readonly StockSource[], rules: AllocationRules = {}): StockAllocation {
  const usable = withoutOwed(
    sources
      .filter((source) => source.available > 0)
      .sort((a, b) => a.priority - b.priority || compareText(a.locationId, b.locationId) || compareText(a.levelId, b.levelId)),
    rules.owed ?? new Map(),
  );
  const firm = demands.filter(({ mayWait }) => !mayWait);
  const wanted = itemsOf(firm);
  if (!covers(wanted, usable)) {
    const there = available(usable);
    const shortages = [...wanted]
      .map(([inventoryItemId, requested]) => ({ inventoryItemId, requested, available: there.get(inventoryItemId) ?? 0 }))
      .filter((item) => item.requested > item.available);
    return { ok: false, shortages };
  }

  const everything = itemsOf(demands);
  const locations = locationsFor(covers(everything, usable) ? everything : wanted, usable, rules);
  const shelves = new Shelves(usable);
  const waits: Units = new Map();
  for (const demand of [...firm, ...demands.filter(({ mayWait }) => mayWait)]) {
    let open = demand.quantity;
    for (const locationId of locations) if (open > 0 && demand.parts.length > 0) open -= shelves.takeWhole(demand, open, locationId);
    if (open === 0 || demand.parts.length === 0) continue;
    if (demand.mayWait) for (const part of demand.parts) add(waits, part.inventoryItemId, part.quantity * open);
    else shelves.takeScattered(demand, open);
  }

  const tooMany = [...waits].filter(([item, quantity]) => quantity > (rules.backorderLeft?.get(item) ?? Infinity));
  if (tooMany.length > 0) {
    return {
      ok: false,
      shortages: tooMany.map(([inventoryItemId, quantity]) => {
        const requested = everything.get(inventoryItemId) ?? 0;
        return { inventoryItemId, requested, available: requested - quantity + (rules.backorderLeft?.get(inventoryItemId) ?? 0) };
      }),
    };
  }
  return { ok: true, takes: shelves.takes(), waits: [...waits].map(([inventoryItemId, quantity]) => ({ inventoryItemId, quantity })) };
}
