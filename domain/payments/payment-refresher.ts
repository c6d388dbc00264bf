/**
 * Reads a payment back and records what the gateway says: captures and refunds made by hand, a refund that the bank sent
 * back, an authorization that lapsed. `incident`: something of it needs a person, who has been called.
 */
export interface PaymentRefresher {
  refresh(paymentId: string): Promise<'agrees' | 'changed' | 'incident'>;
  /** Every payment of the order. */
  refreshOrder(orderId: string): Promise<void>;
}
