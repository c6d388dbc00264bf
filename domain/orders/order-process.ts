import type { OperationOutcome } from '../payments/operation-outcome.ts';
import type { OrderCommand, OrderCommandAnswer } from './order-command.ts';
import type { RefundWish } from '../payments/refund.ts';

/** A capture, as an operator asks for it. */
export interface CaptureWish {
  readonly version: number;
  /** Minor units; all that is open when absent. */
  readonly amount?: number;
  /** Release what is not captured. */
  readonly final: boolean;
  /** `deferred`: a payment outside has come in. */
  readonly of: 'authorized' | 'deferred';
  readonly actor: string;
}

/** A refund, as an operator asks for it. `refundId` is made by the caller: a repeated command is the same refund. */
export interface RefundRequest extends RefundWish {
  readonly refundId: string;
  readonly version: number;
  readonly destination: 'original' | 'store_credit';
  readonly fallback: 'incident' | 'store_credit';
  readonly reason: string;
  readonly note?: string;
  readonly actor: string;
}

/** The order's durable actor, as its callers see it. Filled by `temporal/runtime/order-process.ts`. */
export interface OrderProcess {
  /** Cancels: refunds or voids, puts the stock back. Asking twice cancels once. Raises INVALID_TRANSITION, NOT_FOUND. */
  cancel(orderId: string, request: { reason: string; actor: string }): Promise<void>;
  /** Takes authorized money. Raises INVALID_TRANSITION, INVALID_INPUT, CONFLICT, VersionMismatchError. */
  capture(orderId: string, wish: CaptureWish): Promise<readonly OperationOutcome[]>;
  /** Releases what is authorized. Raises as `capture`. */
  void(orderId: string, wish: { version: number; actor: string }): Promise<readonly OperationOutcome[]>;
  /** Writes a refund and sends it on its way. Raises as `capture`. */
  refund(orderId: string, request: RefundRequest): Promise<void>;
  /** Takes up a refund that failed. Raises NOT_FOUND, INVALID_TRANSITION. */
  retryRefund(orderId: string, request: { refundId: string; actor: string }): Promise<void>;
  /** Carries a command out, once. Raises as `capture`. */
  command(orderId: string, command: OrderCommand): Promise<OrderCommandAnswer>;
  /** What the actor is doing now; undefined when it is not running. */
  describe(orderId: string): Promise<{ workflowId: string; status: string; step: string } | undefined>;
}
