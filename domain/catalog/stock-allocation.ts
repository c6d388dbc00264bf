/** What a stock level can give. Sources of one location share its priority; the lowest number is preferred. */
export interface StockSource {
  readonly levelId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly priority: number;
  /** Units. */
  readonly available: number;
}

export interface StockDemand {
  readonly inventoryItemId: string;
  /** Units. */
  readonly quantity: number;
}

/** Units to take from one stock level. */
export interface StockTake {
  readonly levelId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly quantity: number;
}

/** An item of which more is asked for than all locations together have. Units. */
export interface StockShortage {
  readonly inventoryItemId: string;
  readonly requested: number;
  readonly available: number;
}

export type StockAllocation =
  | { readonly ok: true; readonly takes: readonly StockTake[] }
  | { readonly ok: false; readonly shortages: readonly StockShortage[] };

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function sumByItem(entries: Iterable<readonly [item: string, units: number]>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [item, units] of entries) sums.set(item, (sums.get(item) ?? 0) + units);
  return sums;
}

const availableByItem = (sources: readonly StockSource[]): Map<string, number> =>
  sumByItem(sources.map((source) => [source.inventoryItemId, source.available]));

const covers = (wanted: ReadonlyMap<string, number>, sources: readonly StockSource[]): boolean => {
  const available = availableByItem(sources);
  return [...wanted].every(([item, quantity]) => (available.get(item) ?? 0) >= quantity);
};

/** Takes from the sources in their order until nothing is wanted any more. */
function takeInOrder(wanted: ReadonlyMap<string, number>, sources: readonly StockSource[]): StockTake[] {
  const left = new Map(wanted);
  const takes: StockTake[] = [];
  for (const { levelId, inventoryItemId, locationId, available } of sources) {
    const open = left.get(inventoryItemId) ?? 0;
    const quantity = Math.min(open, available);
    if (quantity === 0) continue;
    left.set(inventoryItemId, open - quantity);
    takes.push({ levelId, inventoryItemId, locationId, quantity });
  }
  return takes;
}

/**
 * Decides which stock levels supply the demands, all or nothing. The preferred location that can supply everything does so
 * alone (one parcel); when none can, each item is taken from the locations by priority. Takes are sorted by level id: the one
 * order in which every checkout locks rows, so that two never wait for each other.
 */
export function allocateStock(demands: readonly StockDemand[], sources: readonly StockSource[]): StockAllocation {
  const wanted = sumByItem(demands.map((demand) => [demand.inventoryItemId, demand.quantity]));
  const usable = sources
    .filter((source) => source.available > 0)
    .sort((a, b) => a.priority - b.priority || compareText(a.locationId, b.locationId) || compareText(a.levelId, b.levelId));

  if (!covers(wanted, usable)) {
    const available = availableByItem(usable);
    const shortages = [...wanted]
      .map(([inventoryItemId, requested]) => ({ inventoryItemId, requested, available: available.get(inventoryItemId) ?? 0 }))
      .filter((item) => item.requested > item.available);
    return { ok: false, shortages };
  }

  const locations = [...new Set(usable.map((source) => source.locationId))];
  const alone = locations
    .map((locationId) => usable.filter((source) => source.locationId === locationId))
    .find((shelf) => covers(wanted, shelf));
  const takes = takeInOrder(wanted, alone ?? usable);
  return { ok: true, takes: takes.sort((a, b) => compareText(a.levelId, b.levelId)) };
}
