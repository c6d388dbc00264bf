import type { IdempotencyState, IdempotencyStore } from '../../domain/shared/idempotency-store.ts';
import { prepared, type Sql } from './database.ts';

/** An expired key may be taken again. */
const OPEN = prepared(`INSERT INTO idempotency_keys AS keys (scope, key, request_hash) VALUES ($1, $2, $3)
  ON CONFLICT (scope, key) DO UPDATE SET request_hash = excluded.request_hash, response = NULL, created_at = now()
  WHERE keys.created_at < now() - interval '24 hours'`);
const READ = prepared(`SELECT request_hash = $3 AS same, response, extract(epoch FROM now() - created_at)::float8 AS "ageSeconds"
  FROM idempotency_keys WHERE scope = $1 AND key = $2`);
const COMPLETE = prepared('UPDATE idempotency_keys SET response = $3 WHERE scope = $1 AND key = $2');
const FORGET = prepared('DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2 AND response IS NULL');
const DELETE_EXPIRED = prepared(`DELETE FROM idempotency_keys WHERE (scope, key) IN (
  SELECT scope, key FROM idempotency_keys WHERE created_at < now() - interval '24 hours' ORDER BY created_at LIMIT $1)`);

interface KeyRow {
  readonly same: boolean;
  readonly response: string | null;
  readonly ageSeconds: number;
}

function stateOf(row: KeyRow): IdempotencyState {
  if (!row.same) return { kind: 'reused' };
  if (row.response === null) return { kind: 'running', ageSeconds: row.ageSeconds };
  return { kind: 'answered', response: JSON.parse(row.response) as unknown };
}

/** Idempotency keys in Postgres. */
export function createIdempotencyStore(sql: Sql): IdempotencyStore {
  return {
    async open({ scope, key }, requestHash) {
      if ((await sql.run(OPEN, [scope, key, requestHash])) === 1) return { kind: 'new' };
      const [row] = await sql.rows<KeyRow>(READ, [scope, key, requestHash]);
      // Forgotten in between: this request is the first again, and the next one will note it.
      return row ? stateOf(row) : { kind: 'new' };
    },
    async complete({ scope, key }, response) {
      // As a text within the JSON value: jsonb would sort the answer's fields.
      await sql.run(COMPLETE, [scope, key, JSON.stringify(JSON.stringify(response))]);
    },
    async forget({ scope, key }) {
      await sql.run(FORGET, [scope, key]);
    },
    deleteExpired: (limit) => sql.run(DELETE_EXPIRED, [limit]),
  };
}
