/** What one unit of a line takes from the shelf. */
export interface UnitPart {
  readonly inventoryItemId: string;
  readonly quantity: number;
}

/** Units of an order line that shall be sent. */
export interface LineToShip {
  readonly orderLineId: string;
  readonly quantity: number;
  /** Empty when stock is not tracked: it can be sent from anywhere. */
  readonly inventory: readonly UnitPart[];
}

/** What the order has allocated on one shelf and no other parcel takes. */
export interface AllocatedStock {
  readonly levelId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly quantity: number;
}

/** A parcel as planned. */
export interface PlannedParcel {
  readonly locationId: string;
  readonly lines: readonly { readonly orderLineId: string; readonly quantity: number }[];
  readonly items: readonly { readonly levelId: string; readonly quantity: number }[];
}

export interface FulfillmentPlan {
  readonly parcels: readonly PlannedParcel[];
  /** What cannot be sent now: it is not allocated yet. */
  readonly left: readonly { readonly orderLineId: string; readonly quantity: number }[];
}

/**
 * Puts the units into parcels, one for each location that holds some of them, in the order of `locations`. A unit that is made of
 * several items is sent from where all of them are allocated; when they lie in several places they are brought together in the
 * first of these.
 * @param locations ids, preferred first; only these are used
 */
export function planFulfillments(lines: readonly LineToShip[], allocated: readonly AllocatedStock[], locations: readonly string[]): FulfillmentPlan {
  const onShelf = new Map(allocated.map((stock) => [stock.levelId, stock.quantity]));
  const open = new Map(lines.map((line) => [line.orderLineId, line.quantity]));

  const shelves = (places: readonly string[], itemId: string): AllocatedStock[] =>
    allocated.filter((stock) => places.includes(stock.locationId) && stock.inventoryItemId === itemId);
  const has = (places: readonly string[], itemId: string): number =>
    shelves(places, itemId).reduce((sum, { levelId }) => sum + (onShelf.get(levelId) ?? 0), 0);

  function pack(locationId: string, places: readonly string[] = [locationId]): PlannedParcel | undefined {
    const packed: { orderLineId: string; quantity: number }[] = [];
    const items = new Map<string, number>();
    for (const line of lines) {
      const wanted = open.get(line.orderLineId) ?? 0;
      const quantity = Math.min(wanted, ...line.inventory.map((part) => Math.floor(has(places, part.inventoryItemId) / part.quantity)));
      if (quantity <= 0) continue;
      open.set(line.orderLineId, wanted - quantity);
      packed.push({ orderLineId: line.orderLineId, quantity });
      for (const part of line.inventory) {
        let needed = part.quantity * quantity;
        for (const { levelId } of shelves(places, part.inventoryItemId)) {
          const taken = Math.min(needed, onShelf.get(levelId) ?? 0);
          if (taken === 0) continue;
          needed -= taken;
          onShelf.set(levelId, (onShelf.get(levelId) ?? 0) - taken);
          items.set(levelId, (items.get(levelId) ?? 0) + taken);
        }
      }
    }
    if (packed.length === 0) return undefined;
    return { locationId, lines: packed, items: [...items].map(([levelId, quantity]) => ({ levelId, quantity })) };
  }

  // Lines without stock go along with a parcel that is sent anyway, when there is one.
  const stocked = locations.filter((id) => allocated.some((stock) => stock.locationId === id && stock.quantity > 0));
  const parcels = [...stocked, ...locations.filter((id) => !stocked.includes(id))].flatMap((locationId) => pack(locationId) ?? []);
  const [first] = stocked;
  const together = first === undefined ? undefined : pack(first, stocked);
  if (together) parcels.push(together);
  return {
    parcels,
    left: lines.flatMap(({ orderLineId }) => {
      const quantity = open.get(orderLineId) ?? 0;
      return quantity > 0 ? [{ orderLineId, quantity }] : [];
    }),
  };
}
