/** The durable process of a return. Filled by `temporal/runtime/return-process.ts`. */
export interface ReturnProcess {
  /** There is news of it, or of its parcel. */
  notify(returnId: string): Promise<void>;
}
