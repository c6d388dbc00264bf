import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { NewIncident } from '../../domain/orders/incident.ts';
import type { OrderStatus } from '../../domain/orders/order-status.ts';
import type { OrderTask } from '../../domain/orders/order-task.ts';

/** Wire name of the order workflow. */
export const ORDER_WORKFLOW = 'order';

/** One workflow an order, from placing to its end. */
export const orderWorkflowId = (orderId: string): string => `order/${orderId}`;

export interface OrderInput {
  readonly orderId: string;
}

export interface CancelOrder {
  readonly reason: string;
  readonly actor: string;
}

/** Cancels the order: money back, stock back. Repeating it answers the same. */
export const cancelOrderUpdate = defineUpdate<{ status: OrderStatus }, [CancelOrder]>('cancel');

/** What the order's actor is doing. */
export const orderStateQuery = defineQuery<OrderState>('state');

export interface OrderState {
  readonly step: 'starting' | 'capturing' | 'open' | 'canceling' | 'done';
}

/** Short idempotent database steps: local activities. */
export interface OrderSteps {
  loadOrderTask(input: { orderId: string }): Promise<OrderTask>;
  beginCancel(input: CancelOrder & { orderId: string }): Promise<OrderTask>;
  finishCancel(input: { orderId: string }): Promise<{ status: OrderStatus }>;
  noteCaptureFailed(input: { orderId: string }): Promise<void>;
  raiseIncident(input: NewIncident): Promise<void>;
}

/** Calls to the gateway. */
export interface OrderPaymentActivities {
  capturePayment(input: { orderId: string }): Promise<void>;
  returnMoney(input: { checkoutId: string; reason: string }): Promise<void>;
}
