import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { NewIncident } from '../../domain/orders/incident.ts';
import type { CaptureWish, RefundRequest } from '../../domain/orders/order-process.ts';
import type { OrderCommand, OrderCommandAnswer } from '../../domain/orders/order-command.ts';
import type { OrderStatus } from '../../domain/orders/order-status.ts';
import type { OrderTask } from '../../domain/orders/order-task.ts';
import type { OperationOutcome } from '../../domain/payments/operation-outcome.ts';

/** Wire name of the order workflow. */
export const ORDER_WORKFLOW = 'order';

/** One workflow an order, from placing to its end. */
export const orderWorkflowId = (orderId: string): string => `order/${orderId}`;

export interface OrderInput {
  readonly orderId: string;
  /** Payments that a gateway told something of and that were not looked at before the workflow continued as new. */
  readonly notices?: readonly string[];
}

export interface CancelOrder {
  readonly reason: string;
  readonly actor: string;
}

/** Cancels the order: money back, stock back. Repeating it answers the same. */
export const cancelOrderUpdate = defineUpdate<{ status: OrderStatus }, [CancelOrder]>('cancel');

/** Takes authorized money, or notes money that came in outside; answers what came of each movement. */
export const capturePaymentUpdate = defineUpdate<{ outcomes: OperationOutcome[] }, [CaptureWish]>('capture');

/** Releases what is authorized. */
export const voidPaymentUpdate = defineUpdate<{ outcomes: OperationOutcome[] }, [{ version: number; actor: string }]>('void');

/** Writes a refund and starts its workflow. */
export const refundUpdate = defineUpdate<{ refundId: string }, [RefundRequest]>('refund');

/** Takes up a failed refund. */
export const retryRefundUpdate = defineUpdate<{ refundId: string }, [{ refundId: string; actor: string }]>('retryRefund');

/** Everything that is asked of an order beside its money: parcels, edits, returns, notes. A repeated id is answered as before. */
export const orderCommandUpdate = defineUpdate<OrderCommandAnswer, [OrderCommand]>('command');

/** Something about the order was changed by one of its processes: look at it again. */
export const orderChangedSignal = defineSignal('changed');

/** The gateway says that something happened to a payment of the order. */
export const orderPaymentNotifiedSignal = defineSignal<[{ eventId: string; paymentId: string }]>('paymentNotified');

/** What the order's actor is doing. */
export const orderStateQuery = defineQuery<OrderState>('state');

export interface OrderState {
  readonly step: 'starting' | 'capturing' | 'voiding' | 'renewing' | 'completing' | 'settling' | 'open' | 'canceling' | 'done';
}

/** Short idempotent database steps: local activities. */
export interface OrderSteps {
  loadOrderTask(input: { orderId: string }): Promise<OrderTask>;
  beginCancel(input: CancelOrder & { orderId: string }): Promise<OrderTask>;
  finishCancel(input: { orderId: string }): Promise<{ status: OrderStatus }>;
  /** `wish` absent: the system captures everything. Answers the keys of the operations. */
  beginCapture(input: { orderId: string; wish?: CaptureWish }): Promise<string[]>;
  applyCommand(input: { orderId: string; command: OrderCommand }): Promise<OrderCommandAnswer>;
  /** Opens the capture of what has been shipped and not been paid; answers the keys of the operations. */
  beginShipmentCapture(input: { orderId: string }): Promise<string[]>;
  /** Ends the order whose return window is over; answers its status. */
  completeOrder(input: { orderId: string }): Promise<{ status: OrderStatus }>;
  beginVoid(input: { orderId: string; version: number; actor: string }): Promise<string[]>;
  beginRefund(input: RefundRequest & { orderId: string }): Promise<void>;
  reopenRefund(input: { refundId: string; actor: string }): Promise<void>;
  noteCaptureFailed(input: { orderId: string }): Promise<void>;
  raiseIncident(input: NewIncident): Promise<void>;
}

/** Calls to the gateways. */
export interface OrderPaymentActivities {
  runPaymentOperation(input: { key: string }): Promise<OperationOutcome>;
  returnMoney(input: { checkoutId: string; reason: string; source: 'checkout' | 'cancellation' }): Promise<void>;
  refreshPayment(input: { paymentId: string }): Promise<void>;
  refreshOrderPayments(input: { orderId: string }): Promise<void>;
  /** False: a person has been called. */
  renewAuthorizations(input: { orderId: string }): Promise<boolean>;
}
