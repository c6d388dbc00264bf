/** The order's durable actor, as its callers see it. Filled by `temporal/runtime/order-process.ts`. */
export interface OrderProcess {
  /** Cancels: refunds or voids, puts the stock back. Asking twice cancels once. Raises INVALID_TRANSITION, NOT_FOUND. */
  cancel(orderId: string, request: { reason: string; actor: string }): Promise<void>;
  /** What the actor is doing now; undefined when it is not running. */
  describe(orderId: string): Promise<{ workflowId: string; status: string; step: string } | undefined>;
}
