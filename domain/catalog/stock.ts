/** A place where stock lies. */
export interface StockLocation {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  /** As in addresses; null when it is not known. */
  readonly region: string | null;
  readonly postalCode: string | null;
  /** Lower ships first. */
  readonly priority: number;
}

/** The units of one inventory item at one location. */
export interface StockLevel {
  readonly id: string;
  readonly location: StockLocation;
  readonly onHand: number;
  /** Sold, not yet shipped. */
  readonly allocated: number;
  /** Promised to checkouts that have not ended. */
  readonly held: number;
  readonly available: number;
}

/** A stock level as events tell of it. */
export interface StockLevelSnapshot {
  readonly stockLevelId: string;
  readonly inventoryItemId: string;
  readonly sku: string;
  /** What is sold of it; more than one when it is in sets. */
  readonly variantIds: readonly string[];
  readonly locationId: string;
  readonly locationCode: string;
  readonly onHand: number;
  readonly allocated: number;
  readonly held: number;
  readonly available: number;
}

/** Why what lies on a shelf has changed. `receipt`: its first units */
export type StockChangeCause = 'receipt' | 'adjustment' | 'shipment' | 'return';

/** More than any shelf holds, and small enough for sums to stay exact. */
export const MAX_ON_HAND = 100_000_000;
