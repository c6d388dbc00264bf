import type { Account } from './account.ts';
import { badField } from './api-error.ts';
import type { Transaction } from './objects.ts';

const MAX_SPAN_MS = 31 * 86_400_000;
const MAX_PAGE = 500;
const MAX_ITEMS = 10_000;

const timeOf = ({ transaction_initiation_date: date }: Transaction): number => Date.parse(date.replace('+0000', 'Z'));

/** The place of the first line at or after an instant; they are entered in the order of time. */
function firstAt(lines: readonly Transaction[], at: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const line = lines[middle];
    if (line && timeOf(line) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `GET /v1/reporting/transactions`: both ends belong to the span; the lines stand in the order in which they were made. */
export function searchTransactions(account: Account, query: URLSearchParams): unknown {
  const from = Date.parse(query.get('start_date') ?? '');
  const to = Date.parse(query.get('end_date') ?? '');
  const size = Number(query.get('page_size') ?? '100');
  const page = Number(query.get('page') ?? '1');
  if (Number.isNaN(from)) throw badField('start_date', 'INVALID_PARAMETER_SYNTAX');
  if (Number.isNaN(to) || to < from || to - from > MAX_SPAN_MS) throw badField('end_date', 'INVALID_PARAMETER_VALUE');
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE) throw badField('page_size', 'INVALID_PARAMETER_VALUE');
  if (!Number.isInteger(page) || page < 1) throw badField('page', 'INVALID_PARAMETER_VALUE');
  const found = account.transactions.slice(firstAt(account.transactions, from), firstAt(account.transactions, to + 1));
  if (found.length > MAX_ITEMS) throw badField('start_date', 'RESULTSET_TOO_LARGE');
  return {
    transaction_details: found.slice((page - 1) * size, page * size).map((line) => ({ transaction_info: line })),
    page,
    total_items: found.length,
    total_pages: Math.ceil(found.length / size),
  };
}
