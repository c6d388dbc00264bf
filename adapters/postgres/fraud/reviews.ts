import type { Checkout } from '../../../domain/checkout/checkout.ts';
import type { FraudReview, ReviewClaim, ReviewNote, ReviewStore } from '../../../domain/checkout/fraud/review-queue.ts';
import { invalid } from '../../../domain/shared/errors.ts';
import { pageSize } from '../../../domain/shared/page.ts';
import { prepared, type Sql } from '../database.ts';
import { newestFirst } from '../paging.ts';

const CLAIM_COLUMNS = 'c.checkout_id AS "checkoutId", c.operator, c.claimed_at AS "claimedAt", c.expires_at AS "expiresAt"';
const NOTE_COLUMNS = 'n.id, n.checkout_id AS "checkoutId", n.actor, n.text, n.created_at AS "createdAt"';

const REVIEW = `SELECT k.id, k.cart_id AS "cartId", k.order_id AS "orderId", k.attempt, k.status, k.currency, k.total, k.fraud, k.answer,
    k.hold_expires_at AS "holdExpiresAt", k.review_deadline AS "reviewDeadline", k.created_at AS "createdAt", k.updated_at AS "updatedAt",
    c.operator, c.claimed_at AS "claimedAt", c.expires_at AS "expiresAt",
    (SELECT count(*)::int FROM fraud_review_notes n WHERE n.checkout_id = k.id) AS notes
  FROM checkouts k LEFT JOIN fraud_review_claims c ON c.checkout_id = k.id AND c.expires_at > now()`;

// A cursor keeps microseconds, which a Date would lose.
const QUEUE = prepared(`SELECT r.*, to_char(r."reviewDeadline" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS due
  FROM (${REVIEW} WHERE k.status = 'in_review' AND ($1::timestamptz IS NULL OR (k.review_deadline, k.id) > ($1, $2))
    AND ($4::boolean IS NULL OR (c.checkout_id IS NOT NULL) = $4) AND ($5::text IS NULL OR k.channel_id = $5)
    ORDER BY k.review_deadline, k.id LIMIT $3) r`);
const FIND = prepared(`${REVIEW} WHERE k.id = $1`);
const CLAIM_OF = prepared(`SELECT ${CLAIM_COLUMNS} FROM fraud_review_claims c WHERE c.checkout_id = $1 AND c.expires_at > now()`);
const CLAIM =
  prepared(`INSERT INTO fraud_review_claims AS c (checkout_id, operator, expires_at) VALUES ($1, $2, now() + make_interval(mins => $3))
  ON CONFLICT (checkout_id) DO UPDATE SET operator = excluded.operator, expires_at = excluded.expires_at,
    claimed_at = CASE WHEN c.operator = excluded.operator AND c.expires_at > now() THEN c.claimed_at ELSE now() END
  WHERE c.operator = excluded.operator OR c.expires_at <= now() RETURNING ${CLAIM_COLUMNS}`);
const RELEASE = prepared('DELETE FROM fraud_review_claims WHERE checkout_id = $1 AND operator = $2 AND expires_at > now()');
const ADD_NOTE = prepared(
  `INSERT INTO fraud_review_notes AS n (id, checkout_id, actor, text) VALUES ($1, $2, $3, $4) RETURNING ${NOTE_COLUMNS}`,
);
const COUNT_NOTES = prepared('SELECT count(*)::int AS notes FROM fraud_review_notes WHERE checkout_id = $1');
const NOTES = prepared(
  `SELECT ${NOTE_COLUMNS} FROM fraud_review_notes n WHERE n.checkout_id = $3 AND ($1::text IS NULL OR n.id < $1) ORDER BY n.id DESC LIMIT $2`,
);

type ReviewRow = Checkout & { readonly notes: number; readonly due: string } & (
    | { readonly operator: string; readonly claimedAt: Date; readonly expiresAt: Date }
    | { readonly operator: null; readonly claimedAt: null; readonly expiresAt: null }
  );

function toReview(row: ReviewRow): FraudReview {
  const { notes, due: _due, operator, claimedAt, expiresAt, ...checkout } = row;
  return { checkout, notes, claim: operator === null ? undefined : { checkoutId: checkout.id, operator, claimedAt, expiresAt } };
}

const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\|(chk_[0-9A-Z]{26})$/;

function position(after: string | undefined): [due: string | null, id: string | null] {
  if (after === undefined) return [null, null];
  const [, due, id] = CURSOR.exec(Buffer.from(after, 'base64url').toString()) ?? [];
  if (due === undefined || id === undefined || Number.isNaN(Date.parse(due))) throw invalid('after', 'not a cursor of this list');
  return [due, id];
}

/** The review queue in Postgres. */
export function createReviewStore(sql: Sql): ReviewStore {
  return {
    async queue(page, { claimed, channelId }) {
      if (page.last !== undefined || page.before !== undefined)
        throw invalid('last', 'this list is read forward: use first and after');
      const size = pageSize(page);
      const found = await sql.rows<ReviewRow>(QUEUE, [...position(page.after), size + 1, claimed ?? null, channelId ?? null]);
      const rows = found.slice(0, size);
      return {
        items: rows.map(toReview),
        cursors: rows.map(({ due, id }) => Buffer.from(`${due}|${id}`).toString('base64url')),
        hasNextPage: found.length > size,
        hasPreviousPage: page.after !== undefined,
      };
    },
    async find(checkoutId) {
      const [row] = await sql.rows<ReviewRow>(FIND, [checkoutId]);
      return row && toReview(row);
    },
    async claimOf(checkoutId) {
      return (await sql.rows<ReviewClaim>(CLAIM_OF, [checkoutId]))[0];
    },
    async claim(checkoutId, operator, minutes) {
      return (await sql.rows<ReviewClaim>(CLAIM, [checkoutId, operator, minutes]))[0];
    },
    async release(checkoutId, operator) {
      return (await sql.run(RELEASE, [checkoutId, operator])) > 0;
    },
    async addNote({ id, checkoutId, actor, text }) {
      const [note] = await sql.rows<ReviewNote>(ADD_NOTE, [id, checkoutId, actor, text]);
      if (!note) throw new Error('An insert gave no row');
      return note;
    },
    async countNotes(checkoutId) {
      return (await sql.rows<{ notes: number }>(COUNT_NOTES, [checkoutId]))[0]?.notes ?? 0;
    },
    notes: (checkoutId, page) => newestFirst<ReviewNote>(sql, NOTES, page, [checkoutId]),
  };
}
