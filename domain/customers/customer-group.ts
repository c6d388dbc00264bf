import type { Page, PageRequest } from '../shared/page.ts';
import type { Customer } from './customer.ts';

/** Customers for whom there are products that others do not see. */
export interface CustomerGroup {
  readonly id: string;
  /** Unique, and never another one. */
  readonly code: string;
  readonly name: string;
}

/** Where customer groups are kept. */
export interface CustomerGroupStore {
  /** False when the code is taken. */
  insert(group: CustomerGroup): Promise<boolean>;
  /** False when there is no such group. */
  rename(id: string, name: string): Promise<boolean>;
  get(id: string): Promise<CustomerGroup | undefined>;
  /** Newest first. */
  list(page: PageRequest): Promise<Page<CustomerGroup>>;
  byIds(ids: readonly string[]): Promise<readonly CustomerGroup[]>;
  /** The newest customers first. */
  members(id: string, page: PageRequest): Promise<Page<Customer>>;
  /** Of those customers that there are. */
  known(customerIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** How many were not in it. */
  addMembers(id: string, customerIds: readonly string[]): Promise<number>;
  /** How many were in it. */
  removeMembers(id: string, customerIds: readonly string[]): Promise<number>;
}
