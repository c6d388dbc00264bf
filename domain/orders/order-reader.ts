import type { Page, PageRequest } from '../shared/page.ts';
import type { Order } from './order.ts';
import type { OrderFilter } from './order-store.ts';

/** What the API reads of orders. */
export interface OrderReader {
  get(orderId: string): Promise<Order | undefined>;
  findByNumber(number: string): Promise<Order | undefined>;
  /** The order that the cart has become. */
  findByCartToken(token: string): Promise<Order | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: OrderFilter): Promise<Page<Order>>;
}
