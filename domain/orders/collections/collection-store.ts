import type { CustomerAction, Decline } from '../../payments/gateway.ts';
import type { Page, PageRequest } from '../../shared/page.ts';
import type { Collection, CollectionStatus, CollectionTry } from './collection.ts';

/** Where balances and the tries to pay them are kept. Changes are made with the order locked. */
export interface CollectionStore {
  insert(collection: Pick<Collection, 'id' | 'orderId' | 'editId' | 'currency' | 'amount' | 'savedMethodId'>): Promise<void>;
  get(collectionId: string): Promise<Collection | undefined>;
  /** Locks the balance until the transaction ends. */
  lock(collectionId: string): Promise<Collection | undefined>;
  findByToken(tokenHash: Uint8Array): Promise<Collection | undefined>;
  /** The order's balance that nobody has paid: open, or expired and not settled otherwise since. */
  unpaidOfOrder(orderId: string): Promise<Collection | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: { orderId?: string; status?: CollectionStatus }): Promise<Page<Collection>>;
  /** The balance that the payment is a try to pay. */
  ofPayment(paymentId: string): Promise<string | undefined>;
  /** The link was sent: the balance can be paid by it until then. */
  announce(collectionId: string, link: { tokenHash: Uint8Array; expiresAt: Date }): Promise<void>;
  markReminded(collectionId: string): Promise<void>;
  end(collectionId: string, end: { status: Exclude<CollectionStatus, 'open'>; paymentId?: string }): Promise<void>;
  addTry(attempt: { paymentId: string; collectionId: string; requestId: string; offSession: boolean; returnUrl: string | null }): Promise<void>;
  tryOfRequest(requestId: string): Promise<CollectionTry | undefined>;
  tryOf(paymentId: string): Promise<CollectionTry | undefined>;
  /** Oldest first. */
  tries(collectionId: string): Promise<CollectionTry[]>;
  /** What the gateway asks of the customer, or why it refused. */
  noteTry(paymentId: string, told: { action: CustomerAction | null; decline: Decline | null }): Promise<void>;
  /** Where the storefront of the order's channel is; null when it has not said. */
  storefrontUrl(collectionId: string): Promise<string | null>;
}
