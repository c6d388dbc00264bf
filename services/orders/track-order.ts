import { timingSafeEqual } from 'node:crypto';
import type { OrderTracker } from '../../domain/orders/order-tracking.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import type { KeyedHash } from '../checkout/cart-tokens.ts';
import type { Work } from '../stores.ts';

/** Questions without an answer that one network may ask in ten minutes. */
const MAX_GUESSES = 10;

/** Builds it over the stores. */
export function createOrderTracker({ work, keyedHash }: { work: Work; keyedHash: KeyedHash }): OrderTracker {
  const { orderTracking, orders } = work.stores;
  const hashOf = (email: string): Buffer => Buffer.from(keyedHash('email', email.trim().toLowerCase()));
  return {
    async track({ channelId, number, email, networkKey }) {
      // Counted before it is looked up, so that many at once don't pass before the first of them is counted.
      if ((await orderTracking.guesses(networkKey)) >= MAX_GUESSES || (await orderTracking.noteGuess(networkKey)) > MAX_GUESSES) {
        throw new DomainError('RATE_LIMITED', 'Too many questions without an answer: try again in ten minutes', 'number');
      }
      const found = await orderTracking.find(channelId, number.trim());
      // Compared though there is no such number, and hashed: neither the answer nor its time tells how much of a guess was right.
      const same = timingSafeEqual(hashOf(email), hashOf(found?.email ?? ''));
      if (!found || !same) return undefined;
      await orderTracking.forgetGuess(networkKey);
      return orders.get(found.orderId);
    },
  };
}
