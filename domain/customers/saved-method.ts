import type { PaymentMethodDetails, SavedMethodToken } from '../payments/vault.ts';

/** A payment method of a customer's: a token of the gateway's vault, and what may be shown of it. */
export interface SavedMethod {
  readonly id: string;
  readonly customerId: string;
  readonly gateway: string;
  readonly token: string;
  readonly customerRef: string;
  /** Without the gateway's fingerprint, which nobody asks for. */
  readonly details: PaymentMethodDetails;
  readonly isDefault: boolean;
  readonly createdAt: Date;
}

/** A method that is being put into the vault; the customer may have to authenticate first. */
export interface MethodSetup {
  readonly id: string;
  readonly customerId: string;
  readonly gateway: string;
  /** The vault's id of the setup. */
  readonly setupRef: string | null;
  readonly makeDefault: boolean;
  readonly savedMethodId: string | null;
}

/** Where saved payment methods are kept. Changes of a customer's methods and setups belong in a transaction. */
export interface SavedMethodStore {
  /** Those that were not removed, the default first, then the newest. */
  ofCustomer(customerId: string): Promise<SavedMethod[]>;
  get(id: string): Promise<SavedMethod | undefined>;
  /**
   * Remembers a token once; tells the method. The customer's first method becomes the default. Undefined when the token was removed
   * here before, or is somebody else's: it stays so.
   */
  remember(newId: string, customerId: string, gateway: string, saved: SavedMethodToken): Promise<SavedMethod | undefined>;
  /** False when the customer has no such method (any more). */
  setDefault(customerId: string, id: string): Promise<boolean>;
  /** The newest of the others becomes the default when the default is removed. False when the customer has no such method (any more). */
  remove(customerId: string, id: string): Promise<boolean>;
  /** False, and nothing is written, when the customer has begun so many since then. */
  openSetup(setup: Pick<MethodSetup, 'id' | 'customerId' | 'gateway' | 'makeDefault'>, limit: { setups: number; since: Date }): Promise<boolean>;
  getSetup(id: string): Promise<MethodSetup | undefined>;
  updateSetup(id: string, change: { setupRef?: string; savedMethodId?: string }): Promise<void>;
}
