/** The durable actor of one dispute. Filled by `temporal/runtime/dispute-process.ts`. */
export interface DisputeProcess {
  /** Sends the answer that was noted with the dispute. Asking twice sends once. Raises INVALID_TRANSITION, GATEWAY_REJECTED. */
  answer(dispute: { gateway: string; gatewayRef: string }): Promise<void>;
}
