import { isId } from '../../domain/shared/ids.ts';
import { invalid } from '../../domain/shared/errors.ts';
import type { ProductOrder, ProductPosition } from '../../domain/catalog/product-query.ts';

const MAX_CURSOR = 2_000;

/** What a cursor was made for: it is of no use in another order. */
const orderName = ({ by, currency, locale }: ProductOrder): string => (by === 'price' ? `price ${currency}` : by === 'title' && locale !== null ? `title ${locale}` : by);

/** The opaque cursor of a place in a listing. */
export const encodeCursor = (order: ProductOrder, { key, id }: ProductPosition): string =>
  Buffer.from(JSON.stringify([orderName(order), key, id])).toString('base64url');

/** The place that a cursor stands for. Raises INVALID_INPUT naming `field` when it is not a cursor of this order. */
export function decodeCursor(order: ProductOrder, cursor: string, field: 'after' | 'before'): ProductPosition {
  const [name, key, id] = parse(cursor);
  const fits =
    order.by === 'title'
      ? typeof key === 'string' && !key.includes('\0')
      : order.by === 'price'
        ? Number.isSafeInteger(key)
        : key === null;
  if (name !== orderName(order) || !fits || typeof id !== 'string' || !isId('product', id)) {
    throw invalid(field, 'Not a cursor of this listing in this order');
  }
  return { key: key as ProductPosition['key'], id };
}

function parse(cursor: string): readonly unknown[] {
  if (cursor.length > MAX_CURSOR) return [];
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
