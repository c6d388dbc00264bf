import type { Collection } from '../../../domain/orders/collections/collection.ts';
import { hashCartToken } from '../../checkout/cart-tokens.ts';
import type { Work } from '../../stores.ts';

/** What the API reads of balances. */
export interface BalanceReader {
  /** By the token of the link that was mailed. One of an order that was canceled is canceled. */
  findByToken(token: string): Promise<Collection | undefined>;
  get(id: string): Promise<Collection | undefined>;
  list: Work['stores']['collections']['list'];
}

/** Builds the reading of balances over the stores. */
export const createBalanceReader = ({ stores }: Work): BalanceReader => ({
  async findByToken(token) {
    const found = await stores.collections.findByToken(hashCartToken(token));
    if (found?.status !== 'open') return found;
    const order = await stores.orders.get(found.orderId);
    return order?.status === 'canceled' || order?.status === 'canceling' ? { ...found, status: 'canceled' } : found;
  },
  get: (id) => stores.collections.get(id),
  list: (page, filter) => stores.collections.list(page, filter),
});
