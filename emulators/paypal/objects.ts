import type { Money } from './amounts.ts';

export interface Link {
  readonly rel: string;
  readonly href: string;
  readonly method?: string;
}

interface Related {
  readonly supplementary_data: { readonly related_ids: { readonly order_id: string } };
}

export interface Authorization extends Related {
  id: string;
  status: 'CREATED' | 'PARTIALLY_CAPTURED' | 'CAPTURED' | 'VOIDED' | 'EXPIRED' | 'DENIED';
  amount: Money;
  custom_id?: string;
  create_time: string;
  update_time: string;
  expiration_time: string;
  links: Link[];
  /** The authorization that this one renews; never shown. */
  renews?: string;
}

export interface Capture extends Related {
  id: string;
  status: 'COMPLETED' | 'PARTIALLY_REFUNDED' | 'REFUNDED' | 'PENDING' | 'DECLINED';
  amount: Money;
  final_capture: boolean;
  custom_id?: string;
  create_time: string;
  update_time: string;
  links: Link[];
}

export interface Refund {
  id: string;
  status: 'COMPLETED' | 'PENDING' | 'FAILED';
  amount: Money;
  custom_id?: string;
  status_details?: { reason: string };
  create_time: string;
  update_time: string;
  links: Link[];
}

export interface Wallet {
  account_id: string;
  account_status: 'VERIFIED';
  address: { country_code: string };
  attributes?: { vault: { id: string; status: 'VAULTED'; customer: VaultCustomer } };
}

export interface VaultCustomer {
  id: string;
  merchant_customer_id?: string;
}

export interface Order {
  id: string;
  intent: 'CAPTURE' | 'AUTHORIZE';
  status: 'CREATED' | 'PAYER_ACTION_REQUIRED' | 'APPROVED' | 'COMPLETED' | 'VOIDED';
  purchase_units: [
    {
      reference_id: 'default';
      amount: Money;
      custom_id?: string;
      payments?: { authorizations: Authorization[]; captures: Capture[]; refunds: Refund[] };
    },
  ];
  payment_source?: { paypal: Wallet };
  create_time: string;
  update_time: string;
  links: Link[];
  /** What the customer's page and the vault need; never shown. */
  hidden: {
    returnUrl?: string;
    cancelUrl?: string;
    /** The merchant's id of the customer for whom the method is to be kept; empty: one without an id. */
    storeFor?: string;
    /** The customer's account refuses the payment. */
    declines?: boolean;
  };
}

export interface SetupToken {
  id: string;
  status: 'PAYER_ACTION_REQUIRED' | 'APPROVED' | 'VAULTED';
  customer: VaultCustomer;
  links: Link[];
  hidden: { returnUrl?: string; cancelUrl?: string; token?: string };
}

export interface PaymentToken {
  id: string;
  customer: VaultCustomer;
  payment_source: { paypal: { account_id: string; payer_id: string } };
  links: Link[];
}

export interface Dispute {
  dispute_id: string;
  create_time: string;
  update_time: string;
  reason: string;
  status: 'WAITING_FOR_SELLER_RESPONSE' | 'UNDER_REVIEW' | 'RESOLVED';
  dispute_life_cycle_stage: 'INQUIRY' | 'CHARGEBACK';
  dispute_amount: Money;
  seller_response_due_date: string;
  dispute_outcome?: { outcome_code: string };
  disputed_transactions: { seller_transaction_id: string; custom?: string }[];
  /** How often the seller has answered; never shown. */
  hidden: { answers: number };
}

/** A line of the ledger. */
export interface Transaction {
  transaction_id: string;
  paypal_reference_id?: string;
  paypal_reference_id_type?: 'TXN' | 'ODR';
  transaction_event_code: string;
  transaction_status: 'S' | 'P' | 'D' | 'V';
  transaction_initiation_date: string;
  transaction_amount: Money;
  custom_field?: string;
}

export interface PaypalEvent {
  readonly id: string;
  readonly event_version: '1.0';
  readonly event_type: string;
  readonly create_time: string;
  readonly resource: unknown;
  readonly customId: string;
}

/** What is for the emulator alone is left out of every answer and event. */
export function shown<T extends object>(value: T): unknown {
  return JSON.parse(JSON.stringify(value, (key, part: unknown) => (key === 'hidden' || key === 'renews' ? undefined : part)));
}
