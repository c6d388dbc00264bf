import type { GatewayMovement } from './movement.ts';
import type { AuthorizeRequest, CaptureRequest, GatewayPayment, GatewayRefund, RefundRequest } from './gateway.ts';

/** What a payment whose other side is the store itself draws on: an account, or nothing but an operator's word. */
export interface HousePaymentRequest extends Pick<AuthorizeRequest, 'key' | 'amount' | 'currency' | 'captureMethod' | 'reference'> {
  readonly gateway: string;
  /** The account, or how the money will come in. */
  readonly method: string;
  readonly accountId: string | null;
}

/**
 * The state behind the gateways of the store itself. Each method is part of the caller's transaction, is idempotent by its
 * key and answers as a gateway does; raises GatewayError `rejected` for what cannot be.
 */
export interface HousePaymentStore {
  /** An account that does not have so much gives a declined payment. */
  authorize(request: HousePaymentRequest): Promise<GatewayPayment>;
  capture(request: Omit<CaptureRequest, 'currency'>): Promise<GatewayPayment>;
  void(request: { key: string; gatewayRef: string }): Promise<GatewayPayment>;
  refund(request: Omit<RefundRequest, 'currency'>): Promise<GatewayRefund>;
  get(paymentId: string): Promise<GatewayPayment | undefined>;
  findRefund(key: string): Promise<GatewayRefund | undefined>;
  movements(gateway: string, span: { since: Date; until: Date; after: number; limit: number }): Promise<(GatewayMovement & { position: number })[]>;
}
