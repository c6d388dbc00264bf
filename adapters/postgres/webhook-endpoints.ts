import type { WebhookEndpoint, WebhookSecret } from '../../domain/webhooks/endpoint.ts';
import { TEST_EVENT_TYPE } from '../../domain/webhooks/shape-event.ts';
import type { WebhookEndpointStore } from '../../domain/webhooks/webhook-stores.ts';
import { prepared, type Sql, type Statement } from './database.ts';
import { newestFirst } from './paging.ts';

const COLUMNS = `e.id, e.url, e.description, e.event_types AS "eventTypes", e.filter, e.selection, e.transformation, e.headers, e.authentication,
  e.client_certificate AS "clientCertificate", e.status, e.paused_reason AS "pausedReason", e.paused_at AS "pausedAt", e.ordered, e.rate_limit AS "rateLimit",
  e.max_in_flight AS "maxInFlight", e.timeout_ms AS "timeoutMs", e.retry_hours AS "retryHours", e.failures, e.failing_since AS "failingSince",
  e.open_until AS "openUntil", e.last_success_at AS "lastSuccessAt", e.last_failure_at AS "lastFailureAt", e.version, e.created_by AS "createdBy",
  e.created_at AS "createdAt", e.updated_at AS "updatedAt"`;

const select = (rest: string): Statement => prepared(`SELECT ${COLUMNS} FROM webhook_endpoints e WHERE e.status <> 'deleted' AND ${rest}`);
const GET = select('e.id = $1');
const TO_SEND = prepared(`SELECT ${COLUMNS}, ARRAY(SELECT s.secret FROM webhook_secrets s WHERE s.endpoint_id = e.id AND (s.expires_at IS NULL OR s.expires_at > now())
    ORDER BY s.created_at DESC, s.id DESC) AS secrets FROM webhook_endpoints e WHERE e.status <> 'deleted' AND e.id = $1`);
const LOCK = select('e.id = $1 FOR UPDATE');
const ALL = select('true ORDER BY e.id');
const LIST = select('($1::text IS NULL OR e.id < $1) AND ($3::text IS NULL OR e.status = $3) ORDER BY e.id DESC LIMIT $2');
const INSERT = prepared(`INSERT INTO webhook_endpoints (id, url, description, event_types, filter, selection, transformation, headers, authentication, client_certificate,
    ordered, rate_limit, max_in_flight, timeout_ms, retry_hours, created_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`);
const UPDATE = prepared(`UPDATE webhook_endpoints SET url = $2, description = $3, event_types = $4, filter = $5, selection = $6, transformation = $7, headers = $8,
    authentication = $9, client_certificate = $10, ordered = $11, rate_limit = $12, max_in_flight = $13, timeout_ms = $14, retry_hours = $15,
    version = version + 1, updated_at = now() WHERE id = $1`);
const PAUSE = prepared(`UPDATE webhook_endpoints SET status = 'paused', paused_reason = $2, paused_at = now(), version = version + 1, updated_at = now()
  WHERE id = $1 AND status = 'active'`);
// Only the first of a lane has been tried: those are few.
const RESUME = prepared(`WITH endpoint AS (SELECT retry_hours FROM webhook_endpoints WHERE id = $1), tried AS (
    UPDATE webhook_deliveries d SET next_attempt_at = now(), give_up_at = greatest(d.give_up_at, now() + make_interval(hours => e.retry_hours)) FROM endpoint e
    WHERE d.endpoint_id = $1 AND d.status = 'pending' AND d.attempts > 0 AND d.url IS NULL AND d.event_type <> '${TEST_EVENT_TYPE}'
  ), lanes AS (
    UPDATE webhook_lanes SET has_actor = false, due_at = now() WHERE endpoint_id = $1 AND pending > 0 AND NOT elsewhere AND (has_actor OR due_at > now())
  )
  UPDATE webhook_endpoints SET status = 'active', paused_reason = NULL, paused_at = NULL, failures = 0, failing_since = NULL, failing_told = false, open_until = NULL,
    version = version + 1, updated_at = now() WHERE id = $1`);
const TELL_FAILING = prepared('UPDATE webhook_endpoints SET failing_told = true WHERE id = $1 AND failures >= $2 AND NOT failing_told');
const REMOVE = prepared(`WITH endpoint AS (
    UPDATE webhook_endpoints SET status = 'deleted', version = version + 1, updated_at = now() WHERE id = $1
  ), lanes AS (
    UPDATE webhook_lanes SET pending = 0 WHERE endpoint_id = $1
  )
  UPDATE webhook_deliveries SET status = 'canceled' WHERE endpoint_id = $1 AND status = 'pending'`);
const SECRETS = prepared(`SELECT id, secret, created_at AS "createdAt", expires_at AS "expiresAt" FROM webhook_secrets
  WHERE endpoint_id = $1 AND (expires_at IS NULL OR expires_at > now()) ORDER BY created_at DESC, id DESC`);
const ADD_SECRET = prepared('INSERT INTO webhook_secrets (id, endpoint_id, secret) VALUES ($1, $2, $3)');
const EXPIRE_SECRETS = prepared(`UPDATE webhook_secrets SET expires_at = least(expires_at, now() + make_interval(secs => $2))
  WHERE endpoint_id = $1 AND id <> (SELECT max(id) FROM webhook_secrets WHERE endpoint_id = $1)`);

type Row = Omit<WebhookEndpoint, 'health'> & WebhookEndpoint['health'];

const fromRow = ({ failures, failingSince, openUntil, lastSuccessAt, lastFailureAt, ...endpoint }: Row): WebhookEndpoint => ({
  ...endpoint,
  health: { failures, failingSince, openUntil, lastSuccessAt, lastFailureAt },
});

const json = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));

/** Endpoints in Postgres. */
export function createWebhookEndpointStore(sql: Sql): WebhookEndpointStore {
  const one = async (statement: Statement, id: string): Promise<WebhookEndpoint | undefined> => {
    const [row] = await sql.rows<Row>(statement, [id]);
    return row && fromRow(row);
  };
  const settings = (endpoint: Omit<Parameters<WebhookEndpointStore['insert']>[0], 'createdBy'>): unknown[] => [
    endpoint.id,
    endpoint.url,
    endpoint.description,
    endpoint.eventTypes,
    json(endpoint.filter),
    endpoint.selection,
    json(endpoint.transformation),
    JSON.stringify(endpoint.headers),
    JSON.stringify(endpoint.authentication),
    json(endpoint.clientCertificate),
    endpoint.ordered,
    endpoint.rateLimit,
    endpoint.maxInFlight,
    endpoint.timeoutMs,
    endpoint.retryHours,
  ];
  return {
    async insert({ createdBy, ...endpoint }) {
      await sql.run(INSERT, [...settings(endpoint), createdBy]);
    },
    get: (id) => one(GET, id),
    lock: (id) => one(LOCK, id),
    async toSend(id) {
      const [row] = await sql.rows<Row & { secrets: string[] }>(TO_SEND, [id]);
      if (!row) return undefined;
      const { secrets, ...endpoint } = row;
      return { endpoint: fromRow(endpoint), secrets };
    },
    async list(page, { status }) {
      const found = await newestFirst<Row>(sql, LIST, page, [status ?? null]);
      return { ...found, items: found.items.map(fromRow) };
    },
    all: async () => (await sql.rows<Row>(ALL, [])).map(fromRow),
    tellFailing: async (id, failures) => (await sql.run(TELL_FAILING, [id, failures])) === 1,
    async update(id, change) {
      const present = await one(GET, id);
      if (present) await sql.run(UPDATE, settings({ ...present, ...change }));
    },
    async pause(id, reason) {
      await sql.run(PAUSE, [id, reason]);
    },
    async resume(id) {
      await sql.run(RESUME, [id]);
    },
    async remove(id) {
      await sql.run(REMOVE, [id]);
    },
    secrets: (id) => sql.rows<WebhookSecret>(SECRETS, [id]),
    async addSecret(endpointId, { id, secret }) {
      await sql.run(ADD_SECRET, [id, endpointId, secret]);
    },
    async expireOldSecrets(endpointId, inSeconds) {
      await sql.run(EXPIRE_SECRETS, [endpointId, inSeconds]);
    },
  };
}
