import type { Page, PageRequest } from '../shared/page.ts';
import type { Customer } from './customer.ts';
import type { SavedMethod } from './saved-method.ts';

/** What operators and storefronts' own servers do with customers. */
export interface CustomerService {
  /** Raises INVALID_INPUT, CONFLICT when the address is taken. */
  create(input: { email: string; actor: string }): Promise<Customer>;
  get(id: string): Promise<Customer | undefined>;
  list(page: PageRequest, filter: { email?: string }): Promise<Page<Customer>>;
  /** A token by which a storefront acts for the customer; told here and never again. Raises NOT_FOUND, INVALID_INPUT. */
  openSession(customerId: string, input: { ttlSeconds: number; actor: string }): Promise<{ token: string; expiresAt: Date }>;
  /** Ends every session of the customer; tells how many. Raises NOT_FOUND. */
  closeSessions(customerId: string, actor: string): Promise<number>;
  /** The customer whose session it is; undefined when it is over or never was. */
  ofSession(token: string): Promise<Customer | undefined>;
}

/** What `save` came to. */
export type SavedMethodOutcome =
  | { readonly kind: 'saved'; readonly method: SavedMethod }
  | { readonly kind: 'action_required'; readonly setupId: string; readonly url?: string; readonly clientSecret?: string }
  | { readonly kind: 'declined'; readonly code: string; readonly message: string };

/** What customers do with their payment methods. Raises NOT_FOUND, INVALID_INPUT, RATE_LIMITED, GATEWAY_UNAVAILABLE. */
export interface SavedMethodService {
  ofCustomer(customerId: string): Promise<SavedMethod[]>;
  save(
    customerId: string,
    input: { gateway: string; paymentMethod: string; returnUrl?: string; makeDefault: boolean },
  ): Promise<SavedMethodOutcome>;
  /** After the customer has authenticated. */
  completeSetup(customerId: string, setupId: string): Promise<SavedMethodOutcome>;
  setDefault(customerId: string, id: string): Promise<SavedMethod[]>;
  /** Removing one that is gone succeeds. */
  remove(customerId: string, id: string): Promise<SavedMethod[]>;
  /** The method as a checkout pays with it. */
  forPayment(customerId: string, id: string): Promise<Pick<SavedMethod, 'gateway' | 'token' | 'customerRef'>>;
  /** The customer as the gateway's vault knows them; made when there is none. */
  gatewayCustomer(customerId: string, gateway: string): Promise<string>;
}
