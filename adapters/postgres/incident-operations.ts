import type { IncidentOperation, IncidentOperationStore } from '../../domain/payments/incident-operation.ts';
import { prepared, type Sql } from './database.ts';

const COLUMNS = 'key, incident_id AS "incidentId", number, kind, capture_ref AS "captureRef", amount, currency, status';

const OF_INCIDENT = prepared(`SELECT ${COLUMNS} FROM incident_operations WHERE incident_id = $1 ORDER BY created_at, number`);
const OPEN = prepared(`INSERT INTO incident_operations (key, incident_id, number, kind, capture_ref, amount, currency)
  SELECT 'incident/' || $1 || '/' || $2 || '/' || n.next, $1, n.next, $2, $3, $4, $5
  FROM (SELECT count(*)::int + 1 AS next FROM incident_operations WHERE incident_id = $1 AND kind = $2) n
  ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`);
const PENDING = prepared(
  `SELECT ${COLUMNS} FROM incident_operations WHERE incident_id = $1 AND kind = $2 AND capture_ref IS NOT DISTINCT FROM $3 AND status = 'pending'`,
);
const MARK_SENT =
  prepared(`UPDATE incident_operations o SET sent_at = now() FROM (SELECT key, sent_at FROM incident_operations WHERE key = $1 FOR UPDATE) before
  WHERE o.key = before.key RETURNING before.sent_at IS NOT NULL AS "sentBefore"`);
const CLOSE = prepared(
  `UPDATE incident_operations SET status = $2, gateway_ref = $3, error_message = $4, finished_at = now() WHERE key = $1 AND status = 'pending'`,
);

/** The operations of incidents in Postgres. */
export function createIncidentOperationStore(sql: Sql): IncidentOperationStore {
  return {
    ofIncident: (incidentId) => sql.rows<IncidentOperation>(OF_INCIDENT, [incidentId]),
    async open({ incidentId, kind, captureRef, amount, currency }) {
      const [opened] = await sql.rows<IncidentOperation>(OPEN, [incidentId, kind, captureRef, amount, currency]);
      const operation = opened ?? (await sql.rows<IncidentOperation>(PENDING, [incidentId, kind, captureRef]))[0];
      if (!operation) throw new Error(`An operation of incident ${incidentId} was begun by somebody else`);
      return operation;
    },
    async markSent(key) {
      const [marked] = await sql.rows<{ sentBefore: boolean }>(MARK_SENT, [key]);
      if (!marked) throw new Error(`There is no operation ${key}`);
      return marked;
    },
    async close(key, { status, gatewayRef, errorMessage }) {
      await sql.run(CLOSE, [key, status, gatewayRef ?? null, errorMessage ?? null]);
    },
  };
}
