import type { PaymentStatus } from '../orders/order.ts';
import type { PaymentMethodDetails } from './gateway.ts';

/** A payment as we know it; the gateway's word is what counts. Amounts in minor units. */
export interface PaymentRecord {
  readonly id: string;
  readonly checkoutId: string;
  readonly orderId: string;
  readonly gateway: string;
  readonly gatewayRef: string | null;
  readonly captureMethod: 'automatic' | 'manual';
  readonly status: PaymentStatus;
  readonly currency: string;
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
  readonly createdAt: Date;
}

export type OperationKind = 'authorize' | 'capture' | 'void' | 'refund';

/** One movement of money that was asked for, written before the gateway is called. `key` is the gateway's idempotency key. */
export interface PaymentOperation {
  readonly key: string;
  readonly paymentId: string;
  readonly kind: OperationKind;
  readonly amount: number;
  readonly status: 'pending' | 'succeeded' | 'declined' | 'failed';
}

/** Where payments and their operations are kept. */
export interface PaymentStore {
  insert(payment: Pick<PaymentRecord, 'id' | 'checkoutId' | 'orderId' | 'gateway' | 'captureMethod' | 'currency' | 'amount'>): Promise<void>;
  ofCheckout(checkoutId: string): Promise<PaymentRecord | undefined>;
  ofGatewayRef(gateway: string, gatewayRef: string): Promise<PaymentRecord | undefined>;
  ofOrder(orderId: string): Promise<PaymentRecord | undefined>;
  /** Locks the payment until the transaction ends. */
  lock(paymentId: string): Promise<PaymentRecord | undefined>;
  /** Records what the gateway said. */
  update(
    paymentId: string,
    change: { status: PaymentStatus; gatewayRef: string | null; captured: number; refunded: number; method?: PaymentMethodDetails },
  ): Promise<void>;
  /** Writes a pending operation; `created: false` when its key exists, with the operation as it is. */
  openOperation(operation: Pick<PaymentOperation, 'key' | 'paymentId' | 'kind' | 'amount'>): Promise<{ operation: PaymentOperation; created: boolean }>;
  closeOperation(
    key: string,
    result: { status: 'succeeded' | 'declined' | 'failed'; gatewayRef?: string | undefined; errorCode?: string; errorMessage?: string },
  ): Promise<void>;
  operations(paymentId: string, kind: OperationKind): Promise<PaymentOperation[]>;
}
