import type { Page, PageRequest } from '../shared/page.ts';

/** As much of a customer as payments need. */
export interface Customer {
  readonly id: string;
  /** Lower case. */
  readonly email: string;
  /** The customer groups that they are in. */
  readonly groupIds: readonly string[];
  readonly createdAt: Date;
}

/** Where customers and the sessions of storefronts are kept. */
export interface CustomerStore {
  /** False when the address is taken. */
  insert(customer: Pick<Customer, 'id' | 'email'>): Promise<boolean>;
  get(id: string): Promise<Customer | undefined>;
  findByEmail(email: string): Promise<Customer | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: { email?: string }): Promise<Page<Customer>>;
  openSession(session: { tokenHash: Uint8Array; customerId: string; expiresAt: Date }): Promise<void>;
  /** The customer whose session it is, unless it is over. */
  ofSession(tokenHash: Uint8Array): Promise<Customer | undefined>;
  /** How many sessions of the customer were ended. */
  closeSessions(customerId: string): Promise<number>;
  /** The customer as the gateway's vault knows them. */
  gatewayRef(customerId: string, gateway: string): Promise<string | undefined>;
  /** Keeps the first one that was written, and tells it. */
  setGatewayRef(customerId: string, gateway: string, customerRef: string): Promise<string>;
}
