/** Runs use cases over stores: reads on any connection, writes in one transaction that is retried when it lost a conflict. */
export interface UnitOfWork<Stores> {
  readonly stores: Stores;
  transaction<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
}
