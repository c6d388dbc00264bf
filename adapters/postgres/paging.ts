import { invalid } from '../../domain/shared/errors.ts';
import { pageSize, type Page, type PageRequest } from '../../domain/shared/page.ts';
import type { Sql, Statement } from './database.ts';

/**
 * A page of a list that is sorted by id, newest first (ids sort by time), and only read forward.
 * The statement takes ($1 id or null, $2 limit, …values) and gives rows that have an `id`.
 */
export async function newestFirst<Row extends { id: string }>(
  sql: Sql,
  statement: Statement,
  request: PageRequest,
  values: readonly unknown[],
): Promise<Page<Row>> {
  if (request.last !== undefined || request.before !== undefined) throw invalid('last', 'this list is read forward: use first and after');
  const size = pageSize(request);
  if (request.after !== undefined && !/^[a-z]{2,6}_[0-9A-Z]{26}$/.test(request.after)) throw invalid('after', 'not a cursor of this list');
  const rows = await sql.rows<Row>(statement, [request.after ?? null, size + 1, ...values]);
  const items = rows.slice(0, size);
  return { items, cursors: items.map((row) => row.id), hasNextPage: rows.length > size, hasPreviousPage: request.after !== undefined };
}
