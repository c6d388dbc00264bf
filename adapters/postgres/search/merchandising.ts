import type { Judgement, MerchandisingStore, StopWord, WeightSet } from '../../../domain/search/merchandising.ts';
import type { NewSearchRule, SearchRule } from '../../../domain/search/search-rule.ts';
import type { SynonymSet } from '../../../domain/search/synonyms.ts';
import { prepared, type Sql } from '../database.ts';
import { invalid } from '../../../domain/shared/errors.ts';
import { pageSize } from '../../../domain/shared/page.ts';
import { newestFirst } from '../paging.ts';

// Conditions that were written before there was such a part say nothing of it.
const RULE = `r.id, r.name, r.enabled, r.priority, '{"channelIds": [], "locales": [], "groupIds": []}'::jsonb || r.condition AS condition, r.actions, r.starts_at AS "startsAt", r.ends_at AS "endsAt", r.updated_at AS "updatedAt"`;
const WEIGHTS = 'w.id, w.weights, w.state, w.share::float8 AS share, w.origin, w.evaluation, w.created_at AS "createdAt"';
const SYNONYMS = `s.id, s.terms, s.from_term AS "from", nullif(s.locale, '') AS locale`;

/** More are not followed: they are read with every search. */
const MOST_RULES = 1_000;
const MOST_SYNONYMS = 5_000;

// Those that are over need not be read again and again.
const CURRENT_RULES = prepared(`SELECT ${RULE} FROM search_rules r WHERE r.enabled AND (r.ends_at IS NULL OR r.ends_at > least(now(), $1::timestamptz)) ORDER BY r.priority DESC, r.id DESC LIMIT ${MOST_RULES}`);
const CURRENT_SYNONYMS = prepared(`SELECT ${SYNONYMS} FROM search_synonyms s ORDER BY s.id LIMIT ${MOST_SYNONYMS}`);
const STOP_WORDS = prepared("SELECT word, nullif(locale, '') AS locale FROM search_stop_words ORDER BY word, locale");
const CURRENT_WEIGHTS = prepared(`SELECT ${WEIGHTS} FROM search_weight_sets w WHERE w.state IN ('live', 'trial')`);
const GET_RULE = prepared(`SELECT ${RULE} FROM search_rules r WHERE r.id = $1`);
const RULES = prepared(`SELECT ${RULE} FROM search_rules r WHERE ($1::text IS NULL OR r.id < $1) ORDER BY r.id DESC LIMIT $2`);
const INSERT_RULE = prepared('INSERT INTO search_rules (id, name, enabled, priority, condition, actions, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)');
const UPDATE_RULE = prepared(`UPDATE search_rules SET name = $2, enabled = $3, priority = $4, condition = $5, actions = $6, starts_at = $7, ends_at = $8, updated_at = now() WHERE id = $1`);
const DELETE_RULE = prepared('DELETE FROM search_rules WHERE id = $1');
const SYNONYM_PAGE = prepared(`SELECT ${SYNONYMS} FROM search_synonyms s WHERE ($1::text IS NULL OR s.id < $1) ORDER BY s.id DESC LIMIT $2`);
const PUT_SYNONYMS = prepared("INSERT INTO search_synonyms (id, terms, from_term, locale) VALUES ($1, $2, $3, coalesce($4, '')) ON CONFLICT (id) DO UPDATE SET terms = excluded.terms, from_term = excluded.from_term, locale = excluded.locale");
const DELETE_SYNONYMS = prepared('DELETE FROM search_synonyms WHERE id = $1');
const DELETE_STOP_WORDS = prepared("DELETE FROM search_stop_words WHERE locale = coalesce($1, '') AND NOT word = ANY($2::text[])");
const INSERT_STOP_WORDS = prepared("INSERT INTO search_stop_words (locale, word) SELECT coalesce($1, ''), unnest($2::text[]) ON CONFLICT DO NOTHING");
const WEIGHT_PAGE = prepared(`SELECT ${WEIGHTS} FROM search_weight_sets w WHERE ($1::text IS NULL OR w.id < $1) ORDER BY w.id DESC LIMIT $2`);
const GET_WEIGHTS = prepared(`SELECT ${WEIGHTS} FROM search_weight_sets w WHERE w.id = $1`);
const INSERT_WEIGHTS = prepared('INSERT INTO search_weight_sets (id, weights, origin, evaluation) VALUES ($1, $2, $3, $4)');
// Two who activate at the same time do it one after the other.
const ONE_AT_A_TIME = prepared("SELECT pg_advisory_xact_lock(hashtext('search_weight_sets'))");
const RETIRE_OTHERS = prepared("UPDATE search_weight_sets SET state = 'retired', share = NULL WHERE state = $2 AND id <> $1");
const SET_STATE = prepared('UPDATE search_weight_sets SET state = $2, share = $3 WHERE id = $1');
const JUDGEMENTS = prepared('SELECT text, product_id AS "productId", grade FROM search_judgements ORDER BY text, product_id LIMIT $1');
const JUDGEMENT_PAGE = prepared(`SELECT text, product_id AS "productId", grade FROM search_judgements WHERE $1::text IS NULL OR (text, product_id) > ($1, $2) ORDER BY text, product_id LIMIT $3`);
const PUT_JUDGEMENTS = prepared(`INSERT INTO search_judgements (text, product_id, grade) SELECT x.text, x."productId", x.grade FROM jsonb_to_recordset($1) AS x (text text, "productId" text, grade smallint)
  JOIN products p ON p.id = x."productId" WHERE x.grade > 0 ON CONFLICT (text, product_id) DO UPDATE SET grade = excluded.grade`);
const DROP_JUDGEMENTS = prepared(`DELETE FROM search_judgements j USING jsonb_to_recordset($1) AS x (text text, "productId" text, grade smallint) WHERE j.text = x.text AND j.product_id = x."productId" AND x.grade = 0`);

const ruleValues = ({ name, enabled, priority, condition, actions, startsAt, endsAt }: NewSearchRule): unknown[] => [
  ...[name, enabled, priority],
  ...[JSON.stringify(condition), JSON.stringify(actions)],
  ...[startsAt, endsAt],
];

/** What merchandisers say, in Postgres. */
export function createMerchandisingStore(sql: Sql): MerchandisingStore {
  return {
    async current(at) {
      const [rules, synonyms, stopWords, weights] = await Promise.all([
        sql.rows<SearchRule>(CURRENT_RULES, [at ?? null]),
        sql.rows<SynonymSet>(CURRENT_SYNONYMS),
        sql.rows<StopWord>(STOP_WORDS),
        sql.rows<WeightSet>(CURRENT_WEIGHTS),
      ]);
      const inState = (state: WeightSet['state']): WeightSet | null => weights.find((set) => set.state === state) ?? null;
      return { rules, synonyms, stopWords, live: inState('live'), trial: inState('trial') };
    },
    rule: async (id) => (await sql.rows<SearchRule>(GET_RULE, [id]))[0],
    rules: (page) => newestFirst<SearchRule>(sql, RULES, page, []),
    async insertRule(id, rule) {
      await sql.run(INSERT_RULE, [id, ...ruleValues(rule)]);
    },
    updateRule: async (id, rule) => (await sql.run(UPDATE_RULE, [id, ...ruleValues(rule)])) === 1,
    deleteRule: async (id) => (await sql.run(DELETE_RULE, [id])) === 1,
    synonyms: (page) => newestFirst<SynonymSet>(sql, SYNONYM_PAGE, page, []),
    async putSynonyms({ id, terms, from, locale }) {
      await sql.run(PUT_SYNONYMS, [id, terms, from, locale]);
    },
    deleteSynonyms: async (id) => (await sql.run(DELETE_SYNONYMS, [id])) === 1,
    async setStopWords(locale, words) {
      await sql.run(DELETE_STOP_WORDS, [locale, words]);
      await sql.run(INSERT_STOP_WORDS, [locale, words]);
    },
    weights: (page) => newestFirst<WeightSet>(sql, WEIGHT_PAGE, page, []),
    weightSet: async (id) => (await sql.rows<WeightSet>(GET_WEIGHTS, [id]))[0],
    async insertWeights({ id, weights, origin, evaluation }) {
      await sql.run(INSERT_WEIGHTS, [id, JSON.stringify(weights), origin, evaluation && JSON.stringify(evaluation)]);
    },
    async setWeightState(id, state, share) {
      await sql.run(ONE_AT_A_TIME);
      if (state !== 'retired') await sql.run(RETIRE_OTHERS, [id, state]);
      await sql.run(SET_STATE, [id, state, share]);
    },
    judgements: (limit) => sql.rows<Judgement>(JUDGEMENTS, [limit]),
    async judgementPage(request) {
      const size = pageSize(request);
      const [, productId = null, text = null] = /^(prod_\w{26}) (.{1,200})$/.exec(request.after ?? '') ?? [];
      if (request.after !== undefined && text === null) throw invalid('after', 'Not a cursor of this list');
      const rows = await sql.rows<Judgement>(JUDGEMENT_PAGE, [text, productId, size + 1]);
      const items = rows.slice(0, size);
      return { items, cursors: items.map((row) => `${row.productId} ${row.text}`), hasNextPage: rows.length > size, hasPreviousPage: request.after !== undefined };
    },
    async putJudgements(judgements) {
      const rows = JSON.stringify(judgements);
      return (await sql.run(PUT_JUDGEMENTS, [rows])) + (await sql.run(DROP_JUDGEMENTS, [rows]));
    },
  };
}
