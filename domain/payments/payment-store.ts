import type { GatewayCapture } from './gateway.ts';
import type { PaymentStatus, PaymentSums } from './payment.ts';
import type { PaymentMethodDetails } from './vault.ts';

/** A payment as we know it; the gateway's word is what counts. Amounts in minor units. */
export interface PaymentRecord extends PaymentSums {
  readonly id: string;
  readonly checkoutId: string;
  /** Reserved with the checkout; there is no such order before it is placed. */
  readonly orderId: string;
  /** 1 is what the customer pays through a gateway; gift cards and store credit follow. */
  readonly position: number;
  readonly gateway: string;
  readonly gatewayRef: string | null;
  /** Null: a payment through a gateway outside. */
  readonly storedValueAccountId: string | null;
  readonly captureMethod: 'automatic' | 'manual';
  readonly status: PaymentStatus;
  readonly currency: string;
  readonly captures: readonly Pick<GatewayCapture, 'ref' | 'amount'>[];
  readonly capturableUntil: Date | null;
  /** The token of the method and the gateway's customer, for renewing the authorization. */
  readonly methodToken: string | null;
  readonly customerRef: string | null;
  readonly createdAt: Date;
}

export type NewPayment = Pick<
  PaymentRecord,
  'id' | 'checkoutId' | 'orderId' | 'position' | 'gateway' | 'storedValueAccountId' | 'captureMethod' | 'currency' | 'amount' | 'methodToken' | 'customerRef'
>;

/** What the gateway said, as it is recorded; absent fields stay. */
export interface PaymentChange {
  readonly status: PaymentStatus;
  readonly gatewayRef: string | null;
  readonly captured: number;
  readonly captures?: readonly Pick<GatewayCapture, 'ref' | 'amount'>[];
  readonly capturableUntil?: Date | null;
  readonly method?: PaymentMethodDetails;
}

export type OperationKind = 'authorize' | 'complete' | 'capture' | 'void' | 'refund';

/** One movement of money that was asked for, written before the gateway is called. `key` is the gateway's idempotency key. */
export interface PaymentOperation {
  readonly key: string;
  readonly paymentId: string;
  readonly kind: OperationKind;
  /** Minor units. */
  readonly amount: number;
  readonly status: 'pending' | 'succeeded' | 'declined' | 'failed';
  /** What the payment's captured sum is once this capture has happened. */
  readonly expectedCaptured: number | null;
  /** A capture after which nothing is left to capture. */
  readonly final: boolean;
  readonly gatewayRef: string | null;
}

export type NewOperation = Pick<PaymentOperation, 'key' | 'paymentId' | 'kind' | 'amount'> & Partial<Pick<PaymentOperation, 'expectedCaptured' | 'final'>>;

export interface OperationResult {
  readonly status: 'succeeded' | 'declined' | 'failed';
  readonly gatewayRef?: string | undefined;
  readonly errorCode?: string;
  readonly errorMessage?: string;
}

/** Where payments and their operations are kept. */
export interface PaymentStore {
  insert(payment: NewPayment): Promise<void>;
  get(paymentId: string): Promise<PaymentRecord | undefined>;
  /** The checkout's payment through a gateway; undefined when stored value covers all of it. */
  ofCheckout(checkoutId: string): Promise<PaymentRecord | undefined>;
  /** The same, locked until the transaction ends. */
  lockOfCheckout(checkoutId: string): Promise<PaymentRecord | undefined>;
  /** Every payment of the checkout, by position. */
  allOfCheckout(checkoutId: string): Promise<PaymentRecord[]>;
  /** Every payment of the order, by position. */
  ofOrder(orderId: string): Promise<PaymentRecord[]>;
  ofGatewayRef(gateway: string, gatewayRef: string): Promise<PaymentRecord | undefined>;
  /** By the gateway's id of one of its captures; searches all payments, so for what has no other name. */
  ofCapture(gateway: string, captureRef: string): Promise<PaymentRecord | undefined>;
  /** Locks the payment until the transaction ends. */
  lock(paymentId: string): Promise<PaymentRecord | undefined>;
  /** Records what the gateway said. */
  update(paymentId: string, change: PaymentChange): Promise<void>;
  /** Where the gateway has the payment, told by an event before any answer told it. */
  learnRef(paymentId: string, gatewayRef: string): Promise<void>;
  /** The token under which the vault now keeps the payment's method, for renewing the authorization. */
  keepMethod(paymentId: string, saved: { token: string; customerRef: string }): Promise<void>;
  /** Adds to the sums of refunds; the database refuses what would exceed the captured sum. */
  moveRefund(paymentId: string, delta: { pending?: number; refunded?: number; credited?: number }): Promise<void>;
  /** Writes a pending operation; `created: false` when its key exists, with the operation as it is. */
  openOperation(operation: NewOperation): Promise<{ operation: PaymentOperation; created: boolean }>;
  operation(key: string): Promise<PaymentOperation | undefined>;
  /** Marks the operation as on its way to the gateway; tells whether it may have been sent before. */
  markSent(key: string): Promise<{ sentBefore: boolean }>;
  closeOperation(key: string, result: OperationResult): Promise<void>;
  operations(paymentId: string, kind: OperationKind): Promise<PaymentOperation[]>;
  /** Captures and releases of the order's payments that were begun and have not ended. */
  unfinished(orderId: string): Promise<PaymentOperation[]>;
}
