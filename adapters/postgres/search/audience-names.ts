import type { AudienceNameStore, NamedAudience } from '../../../domain/search/audience-names.ts';
import { prepared, type Sql, type Statement } from '../database.ts';

const CHANNELS = prepared('SELECT id, code FROM channels WHERE code = ANY($1) OR id = ANY($2)');
const GROUPS = prepared('SELECT id, code FROM customer_groups WHERE code = ANY($1) OR id = ANY($2)');

/** Codes of channels and customer groups, in Postgres. */
export function createAudienceNameStore(sql: Sql): AudienceNameStore {
  const named =
    (statement: Statement): AudienceNameStore['channels'] =>
    async ({ codes, ids }) => (codes.length + ids.length === 0 ? [] : sql.rows<NamedAudience>(statement, [codes, ids]));
  return { channels: named(CHANNELS), groups: named(GROUPS) };
}
