import type { AllocatedStock } from '../orders/plan-fulfillments.ts';
import type { StockTake, StockWait } from './stock-allocation.ts';
import type { StockLevelSnapshot, StockLocation } from './stock.ts';

/** Units of one shelf. */
export type ShelfUnits = Pick<StockTake, 'levelId' | 'quantity'>;

/** Units that an order waits for. */
export interface Backorder {
  readonly checkoutId: string;
  readonly orderId: string;
  readonly quantity: number;
}

/** Holds and allocations of stock. Every change writes its ledger rows in the same statement. */
export interface InventoryStore {
  /**
   * Holds all takes for the checkout in one conditional statement, rows in the order of the level's id, and notes what waits for
   * stock; false when one of them is no longer available: the transaction is to be given up then.
   */
  hold(checkoutId: string, takes: readonly StockTake[], waits?: readonly StockWait[]): Promise<boolean>;
  /** Frees what the checkout still holds. Repeating it frees nothing more. */
  release(checkoutId: string): Promise<void>;
  /** What was held becomes allocated to the order. */
  allocate(checkoutId: string, orderId: string): Promise<void>;
  /** Puts back what the order had allocated. Repeating it puts nothing more back. */
  deallocate(checkoutId: string, orderId: string): Promise<void>;
  /** Items that orders wait for and of which some units are there. */
  itemsInDemand(limit: number): Promise<string[]>;
  /** The order that has waited longest for the item. */
  firstInLine(inventoryItemId: string): Promise<Backorder | undefined>;
  /** What the order waits for. */
  backorders(checkoutId: string): Promise<StockWait[]>;
  /** So many units of what the order waits for are there, or are wanted no longer. */
  shortenWait(checkoutId: string, inventoryItemId: string, quantity: number): Promise<void>;
  /** What the order has allocated and no open parcel takes. */
  allocated(checkoutId: string): Promise<AllocatedStock[]>;
  /** Allocates more to the order, all or nothing; false when something is no longer available. `referenceId` makes it happen once. */
  allocateMore(checkoutId: string, takes: readonly ShelfUnits[], referenceId: string): Promise<boolean>;
  /** Gives back a part of what the order has allocated. */
  deallocateUnits(checkoutId: string, takes: readonly ShelfUnits[], referenceId: string): Promise<void>;
  /** A parcel leaves the house: its units are no longer on hand. Tells which, as the next two do. */
  ship(checkoutId: string, fulfillmentId: string): Promise<ShelfUnits[]>;
  /** A parcel came back undelivered: its units are on the shelf again, still allocated to the order. */
  unship(checkoutId: string, fulfillmentId: string): Promise<ShelfUnits[]>;
  /** Units that a customer sent back are on the shelf again, for anybody. */
  restock(takes: readonly ShelfUnits[], referenceId: string): Promise<ShelfUnits[]>;
  /** As it is in this transaction. */
  level(levelId: string): Promise<StockLevelSnapshot>;
  /** The shelves that hold these items, with what is available now. */
  shelves(inventoryItemIds: readonly string[]): Promise<{ levelId: string; inventoryItemId: string; locationId: string; available: number }[]>;
  /** By priority. */
  locations(): Promise<StockLocation[]>;
}
