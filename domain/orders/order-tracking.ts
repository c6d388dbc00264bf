import type { Order } from './order.ts';

/** What a guest's question is answered by. */
export interface OrderTrackingStore {
  find(channelId: string, number: string): Promise<{ orderId: string; email: string } | undefined>;
  /** Questions of the network in the last ten minutes that got no answer. */
  guesses(networkKey: string): Promise<number>;
  /** Notes one more and tells how many there are now. */
  noteGuess(networkKey: string): Promise<number>;
  /** It was no guess: it got its answer. */
  forgetGuess(networkKey: string): Promise<void>;
}

/** Finds an order for who knows its number and the e-mail address that it was placed with. */
export interface OrderTracker {
  /**
   * Undefined for an unknown number as for another address. Raises RATE_LIMITED after too many of these from one network.
   * @param networkKey keyed hash of the network address that asks
   */
  track(question: { channelId: string; number: string; email: string; networkKey: string }): Promise<Order | undefined>;
}
