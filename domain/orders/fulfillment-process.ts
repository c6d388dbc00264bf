/** The durable process of a parcel that somebody else packs or carries. Filled by `temporal/runtime/fulfillment-process.ts`. */
export interface FulfillmentProcess {
  /** Asks the provider to stop, and cancels the parcel when it does. Raises INVALID_TRANSITION when it is too late. */
  cancel(fulfillmentId: string, request: { commandId: string; actor: string; reason: string }): Promise<void>;
  /** The provider has news of the parcel. */
  notify(fulfillmentId: string): Promise<void>;
}
