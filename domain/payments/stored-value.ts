import type { Page, PageRequest } from '../shared/page.ts';

export const STORED_VALUE_KINDS = ['gift_card', 'store_credit'] as const;

export type StoredValueKind = (typeof STORED_VALUE_KINDS)[number];

/** A gift card or a customer's store credit. Amounts in minor units. */
export interface StoredValueAccount {
  readonly id: string;
  readonly kind: StoredValueKind;
  readonly currency: string;
  readonly balance: number;
  /** Promised to checkouts and orders whose money is not taken yet. */
  readonly held: number;
  readonly status: 'active' | 'disabled';
  readonly codeLast4: string | null;
  readonly customerId: string | null;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** What an account can pay now; nothing when it is disabled or over. */
export const availableOn = (account: Pick<StoredValueAccount, 'balance' | 'held' | 'status' | 'expiresAt'>, now: Date): number =>
  account.status === 'active' && (account.expiresAt === null || account.expiresAt > now) ? account.balance - account.held : 0;

export type StoredValueEntryKind = 'issue' | 'hold' | 'release' | 'redeem' | 'refund' | 'adjust';

/** One line of an account's ledger. */
export interface StoredValueEntry {
  readonly id: string;
  readonly kind: StoredValueEntryKind;
  readonly balanceDelta: number;
  readonly heldDelta: number;
  readonly balanceAfter: number;
  readonly heldAfter: number;
  readonly referenceId: string;
  readonly reason: string | null;
  readonly actor: string | null;
  readonly createdAt: Date;
}

/** A movement on an account; one with a known key moves nothing again. */
export interface StoredValueMove {
  readonly accountId: string;
  readonly kind: StoredValueEntryKind;
  readonly balanceDelta?: number;
  readonly heldDelta?: number;
  readonly key: string;
  readonly referenceId: string;
  readonly reason?: string;
  readonly actor?: string;
}

export interface NewStoredValueAccount {
  readonly id: string;
  readonly kind: StoredValueKind;
  readonly currency: string;
  readonly code?: { readonly hash: string; readonly last4: string };
  readonly owner?: { readonly emailKey: string; readonly customerId: string | null };
  readonly expiresAt: Date | null;
}

/** Where gift cards and store credit are kept. */
export interface StoredValueStore {
  /** A code that is known already adds no account. */
  insert(account: NewStoredValueAccount): Promise<void>;
  get(accountId: string): Promise<StoredValueAccount | undefined>;
  findByCode(codeHash: string): Promise<StoredValueAccount | undefined>;
  /** The customer's store credit in the currency; made when there is none. */
  ofOwner(newId: string, owner: { emailKey: string; customerId: string | null }, currency: string): Promise<StoredValueAccount>;
  findOfOwner(emailKey: string, currency: string): Promise<StoredValueAccount | undefined>;
  list(page: PageRequest, filter: { kind?: StoredValueKind; status?: StoredValueAccount['status'] }): Promise<Page<StoredValueAccount>>;
  entries(accountId: string, page: PageRequest): Promise<Page<StoredValueEntry>>;
  /** One conditional statement; false when the account does not have so much. Raises IDEMPOTENCY_KEY_REUSED when the key moved something else. */
  move(move: StoredValueMove): Promise<boolean>;
  setStatus(accountId: string, status: StoredValueAccount['status'], reason: string | null): Promise<StoredValueAccount | undefined>;
  /** Applies the account to the cart; doing it again changes nothing. */
  apply(cartId: string, accountId: string): Promise<void>;
  unapply(cartId: string, accountId: string): Promise<boolean>;
  /** Codes that this network tried and that were not right, in the last ten minutes. */
  guesses(networkKey: string): Promise<number>;
  /** Notes a try and tells how many there are with it: of many at once, each sees those before it. */
  noteGuess(networkKey: string): Promise<number>;
  /** The last try was right. */
  forgetGuess(networkKey: string): Promise<void>;
}
