import type { FraudPolicy, RuleSetStore, RuleSetVersion } from '../../../domain/checkout/fraud/rule-set.ts';
import { prepared, type Sql } from '../database.ts';
import { newestFirst } from '../paging.ts';

const COLUMNS = `v.id, s.channel_id AS "channelId", v.number, v.state, v.settings, v.note, v.created_by AS "createdBy", v.created_at AS "createdAt",
  v.activated_at AS "activatedAt"`;
const FROM = 'fraud_rule_set_versions v JOIN fraud_rule_sets s ON s.id = v.rule_set_id';

const POLICY = prepared(`SELECT v.id, v.state, v.settings FROM ${FROM}
  WHERE (s.channel_id = $1 OR s.channel_id IS NULL) AND v.state IN ('active', 'shadow') ORDER BY s.channel_id NULLS LAST, v.number`);
const CHANNEL = prepared('SELECT 1 FROM channels WHERE id = $1');
// A conflict locks the row that is there, as an insert locks its own.
const LOCK_SET = prepared(`INSERT INTO fraud_rule_sets AS s (id, channel_id) VALUES ($1, $2)
  ON CONFLICT (channel_id) DO UPDATE SET last_number = s.last_number RETURNING s.id`);
const ADD =
  prepared(`WITH s AS (UPDATE fraud_rule_sets SET last_number = last_number + 1 WHERE id = $2 RETURNING id, channel_id, last_number),
  v AS (INSERT INTO fraud_rule_set_versions (id, rule_set_id, number, state, settings, note, created_by)
    SELECT $1, id, last_number, 'draft', $3, $4, $5 FROM s RETURNING *)
  SELECT ${COLUMNS} FROM v JOIN s ON s.id = v.rule_set_id`);
const GET = prepared(`SELECT ${COLUMNS} FROM ${FROM} WHERE v.id = $1`);
const IN_STATE = prepared(`SELECT ${COLUMNS} FROM ${FROM} WHERE v.rule_set_id = $1 AND v.state = $2 ORDER BY v.number`);
const SET_STATE =
  prepared(`UPDATE fraud_rule_set_versions v SET state = $2, activated_at = CASE WHEN $2 = 'active' THEN now() ELSE v.activated_at END
  FROM fraud_rule_sets s WHERE v.id = $1 AND s.id = v.rule_set_id RETURNING ${COLUMNS}`);
const LIST = prepared(`SELECT ${COLUMNS} FROM ${FROM} WHERE ($1::text IS NULL OR v.id < $1)
  AND (NOT $3::boolean OR s.channel_id IS NOT DISTINCT FROM $4::text) AND ($5::text IS NULL OR v.state = $5) ORDER BY v.id DESC LIMIT $2`);

type Asked = Pick<RuleSetVersion, 'id' | 'state' | 'settings'>;

/** The only row of a statement that always gives one. */
function one<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new Error('The rule set or version is gone');
  return row;
}

/** Rule sets and their versions in Postgres. */
export function createRuleSetStore(sql: Sql): RuleSetStore {
  return {
    async policy(channelId): Promise<FraudPolicy> {
      const asked = await sql.rows<Asked>(POLICY, [channelId]);
      return { active: asked.find(({ state }) => state === 'active'), shadows: asked.filter(({ state }) => state === 'shadow') };
    },
    async channelExists(channelId) {
      return (await sql.rows(CHANNEL, [channelId])).length > 0;
    },
    async lockSet(newSetId, channelId) {
      return one(await sql.rows<{ id: string }>(LOCK_SET, [newSetId, channelId])).id;
    },
    async addVersion(version) {
      return one(
        await sql.rows<RuleSetVersion>(ADD, [version.id, version.ruleSetId, version.settings, version.note, version.createdBy]),
      );
    },
    async get(versionId) {
      return (await sql.rows<RuleSetVersion>(GET, [versionId]))[0];
    },
    inState: (ruleSetId, state) => sql.rows<RuleSetVersion>(IN_STATE, [ruleSetId, state]),
    async setState(versionId, state) {
      return one(await sql.rows<RuleSetVersion>(SET_STATE, [versionId, state]));
    },
    list: (page, { channelId, state }) =>
      newestFirst<RuleSetVersion>(sql, LIST, page, [channelId !== undefined, channelId ?? null, state ?? null]),
  };
}
