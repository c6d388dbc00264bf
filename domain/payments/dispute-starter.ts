/** Hands what a gateway tells of a dispute to the workflow that owns it; starts that workflow when it is not running. */
export interface DisputeStarter {
  notifyDispute(notice: { gateway: string; disputeRef: string; eventId: string }): Promise<void>;
}
