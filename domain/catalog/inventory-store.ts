import type { StockTake } from './stock-allocation.ts';

/** Holds and allocations of stock. Every change writes its ledger rows in the same statement. */
export interface InventoryStore {
  /**
   * Holds all takes for the checkout in one conditional statement, rows in the order of the level's id; false and nothing
   * held when one of them is no longer available.
   */
  hold(checkoutId: string, takes: readonly StockTake[]): Promise<boolean>;
  /** Frees what the checkout still holds. Repeating it frees nothing more. */
  release(checkoutId: string): Promise<void>;
  /** What was held becomes allocated to the order. */
  allocate(checkoutId: string, orderId: string): Promise<void>;
  /** Puts back what the order had allocated. Repeating it puts nothing more back. */
  deallocate(checkoutId: string, orderId: string): Promise<void>;
}
