import type { OrderTrackingStore } from '../../domain/orders/order-tracking.ts';
import { prepared, type Sql } from './database.ts';

const FIND = prepared('SELECT id AS "orderId", email FROM orders WHERE channel_id = $1 AND number = $2');
const GUESSES = prepared(
  `SELECT count(*)::int AS guesses FROM order_track_guesses WHERE network_key = $1 AND guessed_at > now() - interval '10 minutes'`,
);
const NOTE_GUESS = prepared(`WITH outdated AS (DELETE FROM order_track_guesses WHERE guessed_at < now() - interval '1 day')
  INSERT INTO order_track_guesses (network_key) VALUES ($1)`);
const FORGET_GUESS = prepared(`DELETE FROM order_track_guesses WHERE ctid = (
  SELECT ctid FROM order_track_guesses WHERE network_key = $1 ORDER BY guessed_at DESC LIMIT 1)`);

/** What guests ask of their orders by, in Postgres. */
export function createOrderTrackingStore(sql: Sql): OrderTrackingStore {
  const guesses = async (networkKey: string): Promise<number> =>
    (await sql.rows<{ guesses: number }>(GUESSES, [networkKey]))[0]?.guesses ?? 0;
  return {
    find: async (channelId, number) => (await sql.rows<{ orderId: string; email: string }>(FIND, [channelId, number]))[0],
    guesses,
    async noteGuess(networkKey) {
      await sql.run(NOTE_GUESS, [networkKey]);
      return guesses(networkKey);
    },
    async forgetGuess(networkKey) {
      await sql.run(FORGET_GUESS, [networkKey]);
    },
  };
}
