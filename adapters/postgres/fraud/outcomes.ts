import type {
  FraudOutcome,
  FraudOutcomeStore,
  OutcomeSubject,
  RuleStatistic,
} from '../../../domain/checkout/fraud/fraud-outcome.ts';
import { prepared, type Sql } from '../database.ts';
import { newestFirst } from '../paging.ts';

const COLUMNS = `o.id, o.checkout_id AS "checkoutId", o.order_id AS "orderId", o.outcome, o.source, o.reference, o.actor, o.note, o.current,
  o.reported_at AS "reportedAt"`;

const SUBJECT = `SELECT k.id AS "checkoutId", k.order_id AS "orderId", k.channel_id AS "channelId", k.email_key AS "emailKey",
    k.card_key AS "cardKey", coalesce(k.snapshot #> '{channel,fraudSettings}', '{}') AS "channelFraudSettings" FROM checkouts k`;
const SUBJECT_BY_CHECKOUT = prepared(`${SUBJECT} WHERE k.id = $1 FOR UPDATE`);
const SUBJECT_BY_ORDER = prepared(`${SUBJECT} WHERE k.order_id = $1 FOR UPDATE`);
const CURRENT = prepared(`SELECT ${COLUMNS} FROM fraud_outcomes o WHERE o.checkout_id = $1 AND o.current`);
const OF_REFERENCE = prepared(`SELECT ${COLUMNS} FROM fraud_outcomes o WHERE o.checkout_id = $1 AND o.reference = $2`);
const OUTDATE = prepared('UPDATE fraud_outcomes SET current = false WHERE checkout_id = $1 AND current');
const ADD = prepared(`INSERT INTO fraud_outcomes AS o (id, checkout_id, order_id, outcome, source, reference, actor, note)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${COLUMNS}`);
const LIST =
  prepared(`SELECT ${COLUMNS} FROM fraud_outcomes o WHERE ($1::text IS NULL OR o.id < $1) AND ($3::text IS NULL OR o.checkout_id = $3)
  AND ($4::text IS NULL OR o.outcome = $4) ORDER BY o.id DESC LIMIT $2`);

const TALLY = `count(*)::int AS fired, count(*) FILTER (WHERE o.outcome IN ('chargeback', 'fraud_confirmed'))::int AS bad,
  count(*) FILTER (WHERE o.outcome IN ('false_positive', 'legitimate'))::int AS good`;

const OF_DECIDING_RULES = prepared(`SELECT reason ->> 'rule' AS rule, ${TALLY}
  FROM checkouts k CROSS JOIN LATERAL jsonb_array_elements(k.fraud -> 'reasons') AS reason
  LEFT JOIN fraud_outcomes o ON o.checkout_id = k.id AND o.current
  WHERE k.fraud -> 'reasons' <> '[]' AND k.created_at >= $1 AND k.created_at < $2 AND ($3::text IS NULL OR k.channel_id = $3)
  GROUP BY 1 ORDER BY 2 DESC, 1`);
const OF_SHADOW_RULES = prepared(`SELECT f.rule, ${TALLY}
  FROM fraud_shadow_results r CROSS JOIN LATERAL unnest(r.rules) AS f(rule)
  LEFT JOIN fraud_outcomes o ON o.checkout_id = r.checkout_id AND o.current
  WHERE r.assessed_at >= $1 AND r.assessed_at < $2 AND r.version_id = $3 GROUP BY 1 ORDER BY 2 DESC, 1`);

/** Outcomes of checkouts in Postgres. */
export function createFraudOutcomeStore(sql: Sql): FraudOutcomeStore {
  return {
    async lockSubject(of) {
      const found =
        'checkoutId' in of
          ? sql.rows<OutcomeSubject>(SUBJECT_BY_CHECKOUT, [of.checkoutId])
          : sql.rows<OutcomeSubject>(SUBJECT_BY_ORDER, [of.orderId]);
      return (await found)[0];
    },
    async current(checkoutId) {
      return (await sql.rows<FraudOutcome>(CURRENT, [checkoutId]))[0];
    },
    async ofReference(checkoutId, reference) {
      return (await sql.rows<FraudOutcome>(OF_REFERENCE, [checkoutId, reference]))[0];
    },
    async add({ id, checkoutId, orderId, outcome, source, reference, actor, note }) {
      await sql.run(OUTDATE, [checkoutId]);
      const [added] = await sql.rows<FraudOutcome>(ADD, [id, checkoutId, orderId, outcome, source, reference, actor, note]);
      if (!added) throw new Error('An insert gave no row');
      return added;
    },
    list: (page, { checkoutId, outcome }) => newestFirst<FraudOutcome>(sql, LIST, page, [checkoutId ?? null, outcome ?? null]),
    ruleStatistics: ({ from, to, channelId, versionId }) =>
      versionId === undefined
        ? sql.rows<RuleStatistic>(OF_DECIDING_RULES, [from, to, channelId ?? null])
        : sql.rows<RuleStatistic>(OF_SHADOW_RULES, [from, to, versionId]),
  };
}
