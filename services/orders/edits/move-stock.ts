import type { ShelfUnits } from '../../../domain/catalog/inventory-store.ts';
import { allocateStock, type StockDemand, type StockSource } from '../../../domain/catalog/stock-allocation.ts';
import type { EditableLine, EditableOrder } from '../../../domain/orders/edits/editable-order.ts';
import type { UnitPart } from '../../../domain/orders/plan-fulfillments.ts';
import { DomainError } from '../../../domain/shared/errors.ts';
import type { CommandContext } from '../commands/command-handler.ts';

/** Units of a line that come or go. */
interface LineUnits {
  readonly line: EditableLine;
  readonly quantity: number;
}

function itemsOf(units: readonly LineUnits[]): Map<string, number> {
  const items = new Map<string, number>();
  const add = ({ inventoryItemId, quantity }: UnitPart, times: number): void => void items.set(inventoryItemId, (items.get(inventoryItemId) ?? 0) + quantity * times);
  for (const { line, quantity } of units) for (const part of line.inventory) add(part, quantity);
  return items;
}

/** Gives units back: first those that have not arrived yet, then those on shelves from which no open parcel takes them. */
async function giveBack({ stores, order }: CommandContext, units: readonly LineUnits[], referenceId: string): Promise<void> {
  const items = itemsOf(units);
  for (const { inventoryItemId, quantity } of await stores.inventory.backorders(order.checkoutId)) {
    const less = Math.min(quantity, items.get(inventoryItemId) ?? 0);
    if (less === 0) continue;
    await stores.inventory.shortenWait(order.checkoutId, inventoryItemId, less);
    items.set(inventoryItemId, (items.get(inventoryItemId) ?? 0) - less);
  }
  const takes: ShelfUnits[] = [];
  for (const { levelId, inventoryItemId, quantity } of await stores.inventory.allocated(order.checkoutId)) {
    const less = Math.min(quantity, items.get(inventoryItemId) ?? 0);
    if (less <= 0) continue;
    takes.push({ levelId, quantity: less });
    items.set(inventoryItemId, (items.get(inventoryItemId) ?? 0) - less);
  }
  await stores.inventory.deallocateUnits(order.checkoutId, takes, referenceId);
}

function outOfStock(short: readonly string[], units: readonly LineUnits[]): DomainError {
  const missing = units.filter(({ line }) => short.length === 0 || line.inventory.some((part) => short.includes(part.inventoryItemId)));
  return new DomainError('INVALID_TRANSITION', `Not in stock: ${missing.map(({ line, quantity }) => `${quantity} more of ${line.sku}`).join(', ')}`, 'changes');
}

/** Allocates units as a checkout would; those who wait already come first. Raises INVALID_TRANSITION naming what is not there. */
async function take({ stores, order }: CommandContext, units: readonly LineUnits[], destination: EditableOrder['shippingAddress'], referenceId: string): Promise<void> {
  const demands: StockDemand[] = units.map(({ line, quantity }) => ({ quantity, parts: line.inventory }));
  const items = [...itemsOf(units).keys()];
  if (items.length === 0) return;
  const rules = await stores.orderEdits.allocationRules(order.id, items);
  const locations = new Map((await stores.inventory.locations()).map((location) => [location.id, location]));
  const sources: StockSource[] = (await stores.inventory.shelves(items)).map((shelf) => {
    const location = locations.get(shelf.locationId);
    return { ...shelf, priority: location?.priority ?? 0, ...(location ? { place: location } : {}) };
  });
  const allocation = allocateStock(demands, sources, { ...rules, destination });
  if (!allocation.ok) throw outOfStock(allocation.shortages.map(({ inventoryItemId }) => inventoryItemId), units);
  if (!(await stores.inventory.allocateMore(order.checkoutId, allocation.takes, referenceId))) throw outOfStock([], units);
}

/** Brings the order's allocation up to its edited lines. Raises INVALID_TRANSITION when something is not in stock. */
export async function moveStock(context: CommandContext, before: EditableOrder, after: Pick<EditableOrder, 'lines' | 'shippingAddress'>, referenceId: string): Promise<void> {
  const moves = after.lines.map((line) => ({ line, quantity: line.quantity - (before.lines.find(({ id }) => id === line.id)?.quantity ?? 0) }));
  const gone = moves.filter(({ quantity }) => quantity < 0).map(({ line, quantity }) => ({ line, quantity: -quantity }));
  const come = moves.filter(({ quantity }) => quantity > 0);
  if (gone.length > 0) await giveBack(context, gone, referenceId);
  if (come.length > 0) await take(context, come, after.shippingAddress, referenceId);
}
