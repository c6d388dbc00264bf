import { PaypalReferenceIdType, type TransactionInformation } from '@paypal/paypal-server-sdk';
import type { GatewayMovement, MovementKind, MovementPage } from '../../domain/payments/movement.ts';
import { invalid } from '../../domain/shared/errors.ts';
import { toMinorUnits } from './amounts.ts';
import { toGatewayError } from './gateway-errors.ts';
import { fromCustomId } from './payment-reference.ts';
import type { PaypalClient } from './paypal-client.ts';
import { PaypalError } from './paypal-error.ts';

/** The most lines that PayPal gives at once. */
export const LEDGER_PAGE = 500;

/** The longest span that PayPal searches. */
const MAX_SPAN_MS = 31 * 86_400_000;

/** PayPal names at most 10,000 lines of one span. */
const TOO_MANY: ReadonlySet<string> = new Set(['RESULTSET_TOO_LARGE']);

/** PayPal refuses a span that begins after the time up to which it has read its own ledger, and has no code for it. */
const NOT_YET = 'Data for the given start date is not available';
/** Spans that begin before this may be refused with the same words because they are too old. */
const NOT_YET_MS = 3 * 86_400_000;

/** A span of the search, `to` excluded, and the page of it that comes next. Milliseconds since the epoch. */
interface Cursor {
  readonly from: number;
  readonly to: number;
  readonly page: number;
}

/** Refunds by the merchant; reversals by PayPal or a bank; their opposite. */
const REFUNDS: ReadonlySet<string> = new Set(['T1107']);
const REVERSALS: ReadonlySet<string> = new Set(['T1106', 'T1201']);
const REVERSALS_UNDONE: ReadonlySet<string> = new Set(['T1108', 'T1202', 'T1208']);
const AUTHORIZATIONS: ReadonlySet<string> = new Set(['T1300', 'T1301']);

/** What a line is by its event code and status; undefined for what is no customer's money, such as fees, payouts and holds. */
export function toKind({
  transactionEventCode = '',
  transactionStatus,
  transactionAmount,
}: TransactionInformation): MovementKind | undefined {
  const denied = transactionStatus === 'D';
  if (REFUNDS.has(transactionEventCode)) return denied ? 'refund_failed' : 'refund';
  if (denied) return undefined;
  if (REVERSALS.has(transactionEventCode)) return 'dispute';
  if (REVERSALS_UNDONE.has(transactionEventCode)) return 'dispute_won';
  // A pending one has been promised, not taken. A reversed one was taken; what took it back has a line of its own.
  const done = transactionStatus === 'S' || transactionStatus === 'V';
  if (AUTHORIZATIONS.has(transactionEventCode)) return transactionStatus === 'V' ? undefined : 'authorization';
  const received = transactionEventCode.startsWith('T00') && !transactionAmount?.value.startsWith('-');
  return received && done ? 'capture' : undefined;
}

/** PayPal writes time zones without a colon: `2026-01-31T12:00:00+0000`. */
const toDate = (text: string): Date => new Date(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));

/** Reads a line of the ledger; gives none for what is no customer's money. */
export function toMovements(transaction: TransactionInformation): GatewayMovement[] {
  const { transactionId: id, transactionAmount, transactionInitiationDate: began, customField } = transaction;
  const kind = toKind(transaction);
  if (!kind || !id || !transactionAmount || !began) return [];
  const { paypalReferenceId: related, paypalReferenceIdType: relatedType } = transaction;
  const reference = fromCustomId(customField);
  const gatewayRef = relatedType === PaypalReferenceIdType.Odr ? related : undefined;
  const captureRef =
    kind === 'capture' ? id : kind === 'authorization' || relatedType !== PaypalReferenceIdType.Txn ? undefined : related;
  return [
    {
      id,
      kind,
      amount: toMinorUnits(transactionAmount),
      currency: transactionAmount.currencyCode,
      occurredAt: toDate(began),
      ...(gatewayRef ? { gatewayRef } : {}),
      ...(captureRef ? { captureRef } : {}),
      // A refund carries its key where a payment carries our ids.
      ...(kind === 'refund' && customField && !reference ? { key: customField } : {}),
      ...(reference ? { reference } : {}),
    },
  ];
}

const writeCursor = ({ from, to, page }: Cursor): string => `${from}-${to}-${page}`;

function readCursor(text: string | undefined, span: { since: Date; until: Date }): Cursor {
  const since = span.since.getTime();
  const until = span.until.getTime();
  if (text === undefined) return { from: since, to: Math.min(since + MAX_SPAN_MS, until), page: 1 };
  const [, from, to, page] = /^(\d+)-(\d+)-([1-9]\d*)$/.exec(text) ?? [];
  if (from === undefined || to === undefined || page === undefined || Number(to) <= Number(from)) {
    throw invalid('cursor', 'Is no cursor of PayPal’s ledger');
  }
  return { from: Number(from), to: Number(to), page: Number(page) };
}

/**
 * One page of the account's ledger. PayPal searches at most 31 days at once and names at most 10,000 lines of them, so a span is
 * walked in parts, halved where they hold more. The cursor names the part and the page, and the same cursor gives the same page
 * once the span is as old as PayPal's search is late: three hours. Later readers of a span should let the spans overlap by that.
 */
export async function readMovements(
  { transactions }: Pick<PaypalClient, 'transactions'>,
  request: { since: Date; until: Date; cursor?: string },
  pageSize: number,
): Promise<MovementPage> {
  let cursor = readCursor(request.cursor, request);
  const until = request.until.getTime();
  if (cursor.from >= until) return { movements: [] };
  for (;;) {
    const { from, to, page } = cursor;
    try {
      const { result } = await transactions.searchTransactions({
        startDate: new Date(from).toISOString(),
        endDate: new Date(to).toISOString(),
        fields: 'transaction_info',
        // Authorizations move no money; they are wanted too.
        balanceAffectingRecordsOnly: 'N',
        pageSize,
        page,
      });
      const movements = (result.transactionDetails ?? [])
        .flatMap(({ transactionInfo }) => (transactionInfo ? toMovements(transactionInfo) : []))
        // PayPal counts both ends to a span; the next part begins at this one's end.
        .filter(({ occurredAt }) => occurredAt.getTime() < to);
      const next = nextCursor(cursor, result.totalPages ?? 0, until);
      return { movements, ...(next ? { next: writeCursor(next) } : {}) };
    } catch (error) {
      // What is not there yet is read by those who come later: their spans overlap.
      if (error instanceof PaypalError && error.description?.includes(NOT_YET) && Date.now() - from < NOT_YET_MS)
        return { movements: [] };
      const tooMany = error instanceof PaypalError && error.hasCode(TOO_MANY);
      if (!tooMany || page > 1 || to - from < 2_000) throw toGatewayError(error);
      cursor = { from, to: from + Math.floor((to - from) / 2), page };
    }
  }
}

function nextCursor({ from, to, page }: Cursor, totalPages: number, until: number): Cursor | undefined {
  if (page < totalPages) return { from, to, page: page + 1 };
  return to < until ? { from: to, to: Math.min(to + MAX_SPAN_MS, until), page: 1 } : undefined;
}
