import type { AuditLog } from '../../domain/orders/audit-log.ts';
import type { Incident, IncidentStore } from '../../domain/orders/incident.ts';
import { actionsOf } from '../../domain/payments/incident-action.ts';
import { prepared, type Sql } from './database.ts';
import { newestFirst } from './paging.ts';

const COLUMNS = `id, kind, subject_id AS "subjectId", cause, next_action AS "nextAction", gateway, payment_ref AS "paymentRef", payment_id AS "paymentId",
  order_id AS "orderId", amount, currency, actions, action, attempts, last_attempt_at AS "lastAttemptAt", last_error AS "lastError",
  created_at AS "createdAt", resolved_at AS "resolvedAt", resolution`;

// xmax tells an inserted row from an updated one.
const RAISE = prepared(`INSERT INTO incidents (id, kind, subject_id, cause, next_action, gateway, payment_ref, payment_id, order_id, amount, currency, actions)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
  WHERE $13::timestamptz IS NULL OR NOT EXISTS (SELECT 1 FROM incidents WHERE kind = $2 AND subject_id = $3 AND resolved_at >= $13)
  ON CONFLICT (kind, subject_id) WHERE resolved_at IS NULL DO UPDATE SET cause = excluded.cause, gateway = coalesce(excluded.gateway, incidents.gateway),
    payment_ref = coalesce(excluded.payment_ref, incidents.payment_ref), payment_id = coalesce(excluded.payment_id, incidents.payment_id),
    order_id = coalesce(excluded.order_id, incidents.order_id), amount = coalesce(excluded.amount, incidents.amount),
    currency = coalesce(excluded.currency, incidents.currency)
  RETURNING xmax = 0 AS raised`);
const GET = prepared(`SELECT ${COLUMNS} FROM incidents WHERE id = $1`);
const FIND_OPEN = prepared(`SELECT ${COLUMNS} FROM incidents WHERE kind = $1 AND subject_id = $2 AND resolved_at IS NULL`);
const LOCK = prepared(`SELECT ${COLUMNS} FROM incidents WHERE id = $1 FOR UPDATE`);
const LIST = prepared(`SELECT ${COLUMNS} FROM incidents WHERE ($1::text IS NULL OR id < $1) AND ($3::boolean IS NULL OR (resolved_at IS NULL) = $3)
  AND ($4::text IS NULL OR kind = $4) AND ($5::text IS NULL OR order_id = $5 OR subject_id = $5) ORDER BY id DESC LIMIT $2`);
const CLAIM = prepared(`UPDATE incidents SET action = $2, order_id = coalesce($3, order_id), attempts = attempts + 1, last_attempt_at = now(),
    last_error = NULL WHERE id = $1 AND resolved_at IS NULL`);
const RELEASE = prepared('UPDATE incidents SET action = NULL, last_error = $2 WHERE id = $1 AND resolved_at IS NULL');
const RESOLVE = prepared(`UPDATE incidents SET resolved_at = now(), resolution = $2 WHERE id = $1 AND resolved_at IS NULL RETURNING ${COLUMNS}`);
const AUDIT = prepared('INSERT INTO audit_log (actor, action, subject_id, detail) VALUES ($1, $2, $3, $4)');

/** Incidents in Postgres. */
export function createIncidentStore(sql: Sql): IncidentStore {
  return {
    async raise(id, incident, { unlessClosedSince } = {}) {
      const [row] = await sql.rows<{ raised: boolean }>(RAISE, [
        id,
        incident.kind,
        incident.subjectId,
        incident.cause,
        incident.nextAction,
        incident.gateway ?? null,
        incident.paymentRef ?? null,
        incident.paymentId ?? null,
        incident.orderId ?? null,
        incident.amount ?? null,
        incident.currency ?? null,
        incident.actions ?? actionsOf(incident.kind),
        unlessClosedSince ?? null,
      ]);
      return row?.raised ?? false;
    },
    get: async (id) => (await sql.rows<Incident>(GET, [id]))[0],
    findOpen: async (kind, subjectId) => (await sql.rows<Incident>(FIND_OPEN, [kind, subjectId]))[0],
    lock: async (id) => (await sql.rows<Incident>(LOCK, [id]))[0],
    list: (page, filter) => newestFirst<Incident>(sql, LIST, page, [filter.open ?? null, filter.kind ?? null, filter.orderId ?? null]),
    async claim(id, action, orderId) {
      await sql.run(CLAIM, [id, action, orderId ?? null]);
    },
    async release(id, error) {
      await sql.run(RELEASE, [id, error]);
    },
    async resolve(id, resolution) {
      return (await sql.rows<Incident>(RESOLVE, [id, resolution]))[0];
    },
  };
}

/** The audit log in Postgres. */
export function createAuditLog(sql: Sql): AuditLog {
  return {
    async append(entry) {
      await sql.run(AUDIT, [entry.actor, entry.action, entry.subjectId, entry.detail ?? {}]);
    },
  };
}
