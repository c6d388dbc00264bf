import { foldText } from '../../../domain/search/fold-words.ts';
import { KEPT_SIGNALS, RECENCY_HALF_LIFE_DAYS, type Ranking, type RankingTarget } from '../../../domain/search/ranking.ts';
import type { IndexQuery, SearchFilter } from '../../../domain/search/search-query.ts';
import { requiredTerms, type SearchTerm } from '../../../domain/search/search-terms.ts';
import type { StatementValues } from '../catalog/statement-values.ts';
import { VALUE_SEPARATOR } from './document-rows.ts';

/** A word that is spelt otherwise is meant when so much of it and of a whole word is the same (`pg_trgm.strict_word_similarity_threshold`). */
export const LEAST_LIKENESS = 0.39;
/** Shorter words have too few letters to be misspelt. */
const SHORTEST_FUZZY = 4;

/** Something that holds for a product or not, and how well it does. */
interface Scored {
  readonly condition: string;
  readonly score: string;
}

const allOf = (parts: readonly Scored[]): Scored => ({ condition: `(${parts.map(({ condition }) => condition).join(' AND ')})`, score: `(${parts.map(({ score }) => score).join(' + ')})` });

/** The best of several; what does not hold counts nothing. */
const bestOf = (parts: readonly Scored[]): Scored => {
  const [first, ...more] = parts;
  if (first && more.length === 0) return first;
  return {
    condition: `(${parts.map(({ condition }) => condition).join(' OR ')})`,
    score: `greatest(${parts.map(({ condition, score }) => `CASE WHEN ${condition} THEN ${score} ELSE 0 END`).join(', ')})`,
  };
};

/** What is called otherwise is meant a little less. */
const SYNONYM_BOOST = 0.8;

/** A word that was typed: as itself, as a beginning, or misspelt. Words are quoted, so that nothing of the query's own language is left in them. */
function typedWord(word: string, config: string, values: StatementValues): Scored {
  const lexeme = `to_tsquery(${config}, ${values.add(`'${word}':*`)})`;
  const exact = `to_tsquery('simple', ${values.add(`'${word}':*`)})`;
  const found = `(d.words @@ ${lexeme} OR d.words @@ ${exact})`;
  const rank = `ts_rank(d.words, ${lexeme} || ${exact})`;
  if (word.length < SHORTEST_FUZZY) return { condition: found, score: rank };
  const given = `${values.add(word)}::text`;
  return { condition: `(${found} OR ${given} <<% d.fuzzy)`, score: `CASE WHEN ${found} THEN ${rank} ELSE 0.05 * strict_word_similarity(${given}, d.fuzzy) END` };
}

/** As it stands somewhere, in any form. */
function plainWord(word: string, config: string, values: StatementValues): Scored {
  const lexeme = `(to_tsquery(${config}, ${values.add(`'${word}'`)}) || to_tsquery('simple', ${values.add(`'${word}'`)}))`;
  return { condition: `d.words @@ ${lexeme}`, score: `${SYNONYM_BOOST} * ts_rank(d.words, ${lexeme})` };
}

const termParts = ({ typed, synonyms }: SearchTerm, config: string, values: StatementValues): Scored =>
  bestOf([allOf(typed.map((word) => typedWord(word, config, values))), ...synonyms.map((words) => allOf(words.map((word) => plainWord(word, config, values))))]);

/**
 * What must hold for the text, and how well it does: `score` is put together when it is called, for a statement must use all of its
 * values.
 */
export function textCondition({ text, terms }: IndexQuery, language: string, values: StatementValues): { condition: string; score: () => string } {
  if (terms.length === 0) return { condition: 'true', score: () => '1' };
  const config = `${values.add(language)}::regconfig`;
  const parts = terms.map((term) => termParts(term, config, values));
  const required = requiredTerms(terms.length);
  const conditions = parts.map(({ condition }) => condition);
  const condition =
    required === terms.length
      ? `(${conditions.join(' AND ')})`
      : // The first condition is what an index can be asked for.
        `((${conditions.join(' OR ')}) AND ${conditions.map((each) => `(${each})::int`).join(' + ')} >= ${required})`;
  return {
    condition,
    score() {
      const whole = `${values.add(foldText(text))}::text`;
      const sku = `CASE WHEN ${whole} = ANY(SELECT lower(s) FROM unnest(d.skus) s) THEN 10 ELSE 0 END`;
      const phrase = `CASE WHEN position(${whole} IN d.fuzzy) > 0 THEN 0.5 ELSE 0 END`;
      return `(${parts.map((part) => `CASE WHEN ${part.condition} THEN ${part.score} ELSE 0 END`).join(' + ')} + ${sku} + ${phrase})`;
    },
  };
}

/** Whether a rule speaks of the product. */
function targetCondition(target: RankingTarget, values: StatementValues): string {
  switch (target.kind) {
    case 'products':
      return `d.id = ANY(${values.add(target.ids)}::text[])`;
    case 'category':
      return `d.categories @> ARRAY[${values.add(target.handle)}::text]`;
    case 'attribute':
      return `d.attribute_values @> ARRAY[${values.add(`${target.code}${VALUE_SEPARATOR}${target.value}`)}::text]`;
  }
}

/** By what scores are multiplied: what speaks for the product. */
export function strengthFactor({ weights, now }: Ranking, values: StatementValues): string {
  const kept = KEPT_SIGNALS.flatMap((signal, index) => (weights[signal] > 0 ? [`${values.add(weights[signal])}::float8 * d.signals[${index + 1}]`] : []));
  const days = `(greatest(0, extract(epoch FROM ${values.add(now)}::timestamptz - d.created_at)) / 86400)`;
  return `(1 + ${[...kept, `${values.add(weights.recency)}::float8 * power(0.5, least(1000, ${days} / ${RECENCY_HALF_LIFE_DAYS}))`].join(' + ')})`;
}

/** By what scores are multiplied: what merchandisers say. */
export const adjustmentFactor = ({ adjustments }: Ranking, values: StatementValues): string =>
  adjustments.map(({ target, factor }) => `CASE WHEN ${targetCondition(target, values)} THEN ${values.add(factor)}::float8 ELSE 1 END`).join(' * ') || '1';

function filterCondition(filter: SearchFilter, currency: string, values: StatementValues): string {
  switch (filter.kind) {
    case 'category':
      return `d.categories && ${values.add(filter.handles)}::text[]`;
    case 'attribute':
      return `d.attribute_values && ${values.add(filter.values.map((value) => `${filter.code}${VALUE_SEPARATOR}${value}`))}::text[]`;
    case 'attribute_range': {
      const number = `(d.numbers ->> ${values.add(filter.code)})::float8`;
      return [
        ...(filter.min === undefined ? [] : [`${number} >= ${values.add(filter.min)}`]),
        ...(filter.max === undefined ? [] : [`${number} <= ${values.add(filter.max)}`]),
      ].join(' AND ');
    }
    case 'price': {
      // Something of it costs what is asked for.
      const price = (end: 'min' | 'max') => `(d.prices -> ${values.add(currency)} ->> '${end}')::bigint`;
      return [
        ...(filter.min === undefined ? [] : [`${price('max')} >= ${values.add(filter.min)}`]),
        ...(filter.max === undefined ? [] : [`${price('min')} <= ${values.add(filter.max)}`]),
      ].join(' AND ');
    }
    case 'in_stock':
      return 'd.in_stock';
    case 'rating':
      return `d.rating >= ${values.add(filter.min)}::float8`;
  }
}

/** What a facet's own filter is: its counts leave it out. */
export type OwnFilter = { readonly kind: SearchFilter['kind']; readonly code?: string };

const isOwn = (filter: SearchFilter, own: OwnFilter): boolean =>
  own.kind === 'attribute'
    ? (filter.kind === 'attribute' || filter.kind === 'attribute_range') && filter.code === own.code
    : filter.kind === own.kind;

/** What a product must meet beside its words. */
export function restrictions({ filters, currency, ranking }: Pick<IndexQuery, 'filters' | 'currency' | 'ranking'>, values: StatementValues, own?: OwnFilter): string {
  const kept = filters.filter((filter) => own === undefined || !isOwn(filter, own));
  return [
    'NOT d.removed',
    ...kept.map((filter) => filterCondition(filter, currency, values)),
    ...ranking.hidden.map((target) => `NOT ${targetCondition(target, values)}`),
  ].join(' AND ');
}

/** Everything that a product must meet. */
export function searchConditions(query: IndexQuery, textMatches: string, values: StatementValues, own?: OwnFilter): string {
  const { also, without } = query;
  const found = also.length === 0 ? textMatches : `(${textMatches} OR d.id = ANY(${values.add(also)}::text[]))`;
  return [restrictions(query, values, own), found, ...(without.length === 0 ? [] : [`d.id <> ALL(${values.add(without)}::text[])`])].join(' AND ');
}
