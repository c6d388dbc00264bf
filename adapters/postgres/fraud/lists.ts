import type { FraudListEntry, FraudListStore, ListMatch, PersonalKind } from '../../../domain/checkout/fraud/fraud-list.ts';
import { prepared, type Sql } from '../database.ts';
import { newestFirst } from '../paging.ts';

const COLUMNS =
  'e.id, e.effect, e.kind, e.key, e.label, e.reason, e.actor, e.expires_at AS "expiresAt", e.created_at AS "createdAt"';

const MATCHES = prepared(`SELECT e.id, e.effect, e.kind, e.key
  FROM unnest($1::text[], $2::text[]) AS k(kind, key) JOIN fraud_list_entries e ON e.kind = k.kind AND e.key = k.key
  WHERE e.expires_at IS NULL OR e.expires_at > now() ORDER BY e.id`);

const KEYS_OF = prepared(
  'SELECT email_key AS email, card_key AS card, address_key AS address, network_key AS network FROM checkouts WHERE id = $1',
);

const VALUES =
  'INSERT INTO fraud_list_entries AS e (id, effect, kind, key, label, reason, actor, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)';
const RENEWED = 'label = excluded.label, reason = excluded.reason, actor = excluded.actor, expires_at = excluded.expires_at';

const RENEW = prepared(`${VALUES} ON CONFLICT (kind, key, effect) DO UPDATE SET ${RENEWED} RETURNING ${COLUMNS}`);
const KEEP = prepared(
  `${VALUES} ON CONFLICT (kind, key, effect) DO UPDATE SET ${RENEWED} WHERE e.expires_at <= now() RETURNING ${COLUMNS}`,
);
const FIND = prepared(`SELECT ${COLUMNS} FROM fraud_list_entries e WHERE e.kind = $1 AND e.key = $2 AND e.effect = $3`);
const REMOVE = prepared(`DELETE FROM fraud_list_entries e WHERE e.id = $1 RETURNING ${COLUMNS}`);
const LIST =
  prepared(`SELECT ${COLUMNS} FROM fraud_list_entries e WHERE ($1::text IS NULL OR e.id < $1) AND ($3::text IS NULL OR e.effect = $3)
  AND ($4::text IS NULL OR e.kind = $4) AND ($5::boolean IS NULL OR coalesce(e.expires_at <= now(), false) = $5) ORDER BY e.id DESC LIMIT $2`);

/** The block and allow lists in Postgres. */
export function createFraudListStore(sql: Sql): FraudListStore {
  return {
    matches: (keys) => sql.rows<ListMatch>(MATCHES, [keys.map(({ kind }) => kind), keys.map(({ key }) => key)]),
    async keysOf(checkoutId) {
      return (await sql.rows<Record<PersonalKind, string | null>>(KEYS_OF, [checkoutId]))[0];
    },
    async put(entry, existing) {
      const { id, effect, kind, key, label, reason, actor, expiresAt } = entry;
      const statement = existing === 'renew' ? RENEW : KEEP;
      const [stored] = await sql.rows<FraudListEntry>(statement, [id, effect, kind, key, label, reason, actor, expiresAt]);
      const [kept] = stored ? [stored] : await sql.rows<FraudListEntry>(FIND, [kind, key, effect]);
      if (!kept) throw new Error('A list entry was removed while it was added');
      return kept;
    },
    async remove(id) {
      return (await sql.rows<FraudListEntry>(REMOVE, [id]))[0];
    },
    list: (page, { effect, kind, expired }) =>
      newestFirst<FraudListEntry>(sql, LIST, page, [effect ?? null, kind ?? null, expired ?? null]),
  };
}
