import { invalid } from './errors.ts';

/** One page of a list, keyset-paginated: a cursor names a row, so inserts never shift a page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** Forward (`first`, `after`) or backward (`last`, `before`), as the Relay connection specification has it. */
export interface PageRequest {
  readonly first?: number;
  readonly after?: string;
  readonly last?: number;
  readonly before?: string;
}

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

/** The size of the page asked for. Raises INVALID_INPUT for sizes outside 1 to MAX_PAGE_SIZE. */
export function pageSize({ first, last }: PageRequest): number {
  const [field, size] = last === undefined ? (['first', first ?? DEFAULT_PAGE_SIZE] as const) : (['last', last] as const);
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE_SIZE) throw invalid(field, `${field} must be 1 to ${MAX_PAGE_SIZE}`);
  return size;
}
