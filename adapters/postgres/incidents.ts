import type { AuditLog } from '../../domain/orders/audit-log.ts';
import type { Incident, IncidentStore } from '../../domain/orders/incident.ts';
import { prepared, type Sql } from './database.ts';
import { newestFirst } from './paging.ts';

const COLUMNS = `id, kind, subject_id AS "subjectId", cause, next_action AS "nextAction", created_at AS "createdAt", resolved_at AS "resolvedAt", resolution`;

const RAISE = prepared(`INSERT INTO incidents (id, kind, subject_id, cause, next_action) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (kind, subject_id) WHERE resolved_at IS NULL DO UPDATE SET cause = excluded.cause`);
const LIST = prepared(`SELECT ${COLUMNS} FROM incidents WHERE ($1::text IS NULL OR id < $1) AND ($3::boolean IS NULL OR (resolved_at IS NULL) = $3)
  ORDER BY id DESC LIMIT $2`);
const RESOLVE = prepared(`UPDATE incidents SET resolved_at = now(), resolution = $2 WHERE id = $1 AND resolved_at IS NULL RETURNING ${COLUMNS}`);
const AUDIT = prepared('INSERT INTO audit_log (actor, action, subject_id, detail) VALUES ($1, $2, $3, $4)');

/** Incidents in Postgres. */
export function createIncidentStore(sql: Sql): IncidentStore {
  return {
    async raise(id, incident) {
      await sql.run(RAISE, [id, incident.kind, incident.subjectId, incident.cause, incident.nextAction]);
    },
    list: (page, filter) => newestFirst<Incident>(sql, LIST, page, [filter.open ?? null]),
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
