/** Starts or wakes the durable actors. Filled by `temporal/runtime/actor-starter.ts`. */
export interface ActorStarter {
  /** Tells the checkout's workflow that its payment may have changed; starts it when it is not running. */
  notifyCheckout(notice: { cartId: string; checkoutId: string; eventId: string }): Promise<void>;
  /** Starts the order's actor unless it runs or has run. */
  startOrder(orderId: string): Promise<void>;
  /** Tells the order's actor that something happened to a payment; starts it when it is not running. */
  notifyOrder(notice: { orderId: string; paymentId: string; eventId: string }): Promise<void>;
  /** Tells the refund's workflow that something happened to it, or that it should be running; starts it when it is not. */
  notifyRefund(notice: { refundId: string; eventId: string }): Promise<void>;
}
