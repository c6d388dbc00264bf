/** What may be shown of a payment method. Never a number, never a security code. */
export interface PaymentMethodDetails {
  /** `card`, `paypal`, `bank_transfer`, `cash_on_delivery`, `gift_card`, `store_credit`. */
  readonly kind?: string;
  readonly brand?: string;
  readonly last4?: string;
  readonly expiryMonth?: number;
  readonly expiryYear?: number;
  /** The gateway's fingerprint of the card: equal for equal cards, not reversible. */
  readonly fingerprint?: string;
  /** ISO 3166-1 alpha-2 country of the issuing bank. */
  readonly country?: string;
}

/** A payment method in the gateway's vault: a token that is worth nothing to anybody but this store's account. */
export interface SavedMethodToken {
  readonly token: string;
  readonly customerRef: string;
  readonly details: PaymentMethodDetails;
}

/** What `setup` came to: saved, or the customer must authenticate or approve first. */
export type VaultSetup =
  | { readonly state: 'saved'; readonly method: SavedMethodToken; readonly setupRef: string }
  | { readonly state: 'requires_action'; readonly action: { url?: string; clientSecret?: string }; readonly setupRef: string }
  | { readonly state: 'failed'; readonly code: string; readonly message: string };

/** A gateway's vault of payment methods. Each call has a time-out; throws GatewayError. */
export interface PaymentVault {
  /** The gateway's customer for one of ours; repeating it with the key gives the same. */
  createCustomer(request: { key: string; customerId: string }): Promise<{ customerRef: string }>;
  /** Puts a method into the vault without a payment. */
  setup(request: { key: string; customerRef: string; paymentMethod: string; returnUrl?: string }): Promise<VaultSetup>;
  /** What became of a setup that the customer had to authenticate. */
  retrieveSetup(setupRef: string): Promise<VaultSetup>;
  /** Takes a method out of the vault. Removing one that is gone succeeds. */
  remove(method: { token: string; customerRef: string }): Promise<void>;
}
