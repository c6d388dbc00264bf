import type { Audience } from '../../../domain/catalog/audience.ts';
import { foldText } from '../../../domain/search/fold-words.ts';
import type { Corrections } from '../../../domain/search/misspelling.ts';
import { KEPT_SIGNALS, MOST_FACTOR, RECENCY_HALF_LIFE_DAYS, type Ranking, type RankingTarget } from '../../../domain/search/ranking.ts';
import { FIRST_SCORE, type IndexQuery, type SearchFilter } from '../../../domain/search/search-query.ts';
import { requiredTerms, unfinishedWord, type SearchTerm } from '../../../domain/search/search-terms.ts';
import type { StatementValues } from '../catalog/statement-values.ts';
import { VALUE_SEPARATOR } from './document-rows.ts';
import type { WordPlace } from './word-places.ts';

/** What is looked for among a product's words, and how well a product does that has it. Queries are put together to one: an index answers that in a single pass. */
interface Scored {
  readonly query: string;
  readonly score: string;
}

const isFound = ({ query }: Pick<Scored, 'query'>, { texts }: TextSearch): string => `${texts}.words @@ ${query}`;
const rankOf = (query: string, { texts }: TextSearch): string => `ts_rank(${texts}.words, ${query})`;

const allOf = (parts: readonly Scored[]): Scored => ({ query: `(${parts.map(({ query }) => query).join(' && ')})`, score: `(${parts.map(({ score }) => score).join(' + ')})` });

/** The best of several; what does not hold counts nothing. */
const bestOf = (parts: readonly Scored[], search: TextSearch): Scored => {
  const [first, ...more] = parts;
  if (first && more.length === 0) return first;
  return {
    query: `(${parts.map(({ query }) => query).join(' || ')})`,
    score: `greatest(${parts.map((part) => `CASE WHEN ${isFound(part, search)} THEN ${part.score} ELSE 0 END`).join(', ')})`,
  };
};

/** What is called otherwise is meant a little less. */
const SYNONYM_BOOST = 0.8;
/** One letter begins too many words. */
const SHORTEST_BEGINNING = 2;
/** What may be meant by a misspelt word is meant less. */
const CORRECTED_BOOST = 0.3;

/** How a text is looked for in a place. */
export interface TextSearch extends Pick<WordPlace, 'texts' | 'config'> {
  readonly terms: readonly SearchTerm[];
  readonly corrections: Corrections;
}

/** Words are quoted, so that nothing of the query's own language is left in them. Each as its stem and as it is. */
function lexemes(words: readonly string[], ending: '' | ':*', config: string, values: StatementValues): string {
  const any = values.add(words.map((word) => `'${word}'${ending}`).join(' | '));
  return `(to_tsquery(${config}, ${any}) || to_tsquery('simple', ${any}))`;
}

/** A word that was typed: as itself, as a beginning, or misspelt. */
function typedWord(word: string, config: string, search: TextSearch, unfinished: string | undefined, values: StatementValues): Scored {
  const typed = lexemes([word], word !== unfinished || word.length < SHORTEST_BEGINNING ? '' : ':*', config, values);
  const near = search.corrections.get(word) ?? [];
  if (near.length === 0) return { query: typed, score: rankOf(typed, search) };
  const corrected = lexemes(near, '', config, values);
  return {
    query: `(${typed} || ${corrected})`,
    score: `CASE WHEN ${isFound({ query: typed }, search)} THEN ${rankOf(typed, search)} ELSE ${CORRECTED_BOOST} * ${rankOf(corrected, search)} END`,
  };
}

/** As it stands somewhere, in any form. */
function plainWord(word: string, config: string, search: TextSearch, values: StatementValues): Scored {
  const lexeme = lexemes([word], '', config, values);
  return { query: lexeme, score: `${SYNONYM_BOOST} * ${rankOf(lexeme, search)}` };
}

const termParts = ({ typed, synonyms }: SearchTerm, config: string, search: TextSearch, unfinished: string | undefined, values: StatementValues): Scored =>
  bestOf([allOf(typed.map((word) => typedWord(word, config, search, unfinished, values))), ...synonyms.map((words) => allOf(words.map((word) => plainWord(word, config, search, values))))], search);

const lengthOf = ({ typed }: SearchTerm): number => typed.join('').length;

/**
 * What must hold for the text, and how well it does: `score` is put together when it is called, for a statement must use all of its
 * values.
 */
export function textCondition(text: string, search: TextSearch, values: StatementValues): { condition: string; score: () => string } {
  const { terms, texts } = search;
  if (terms.length === 0) return { condition: 'true', score: () => '1' };
  const config = `${values.add(search.config)}::regconfig`;
  const unfinished = unfinishedWord(text);
  // The longest first: they are the rarest as a rule.
  const parts = [...terms].sort((a, b) => lengthOf(b) - lengthOf(a)).map((term) => termParts(term, config, search, unfinished, values));
  const required = requiredTerms(terms.length);
  const queries = parts.map(({ query }) => query);
  // Where all but two must hold, one of any three does: that is what an index can be asked for.
  const oneOf = isFound({ query: `(${queries.slice(0, terms.length - required + 1).join(' || ')})` }, search);
  const condition = required === terms.length ? isFound(allOf(parts), search) : `(${oneOf} AND ${parts.map((part) => `(${isFound(part, search)})::int`).join(' + ')} >= ${required})`;
  return {
    condition,
    score() {
      const whole = `${values.add(foldText(text))}::text`;
      // SKUs are part of what the phrase is looked for in.
      const phrase = `CASE WHEN position(${whole} IN ${texts}.fuzzy) = 0 THEN 0 WHEN ${whole} = ANY(SELECT lower(s) FROM unnest(d.skus) s) THEN 10.5 ELSE 0.5 END`;
      // One that must hold does.
      const scores = parts.map((part) => (required === terms.length ? part.score : `CASE WHEN ${isFound(part, search)} THEN ${part.score} ELSE 0 END`));
      return `(${scores.join(' + ')} + ${phrase})`;
    },
  };
}

/** Whether a rule speaks of the product. */
export function targetCondition(target: RankingTarget, values: StatementValues): string {
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
  // Not `extract`, which reckons with numerics: that takes as long as all the rest.
  const days = `(greatest(0, date_part('epoch', ${values.add(now)}::timestamptz - d.created_at)) / 86400)`;
  return `(1 + ${[...kept, `${values.add(weights.recency)}::float8 * power(0.5, least(1000, ${days} / ${RECENCY_HALF_LIFE_DAYS}))`].join(' + ')})`;
}

/** By what scores are multiplied: what merchandisers say. */
export const adjustmentFactor = ({ adjustments }: Pick<Ranking, 'adjustments'>, values: StatementValues): string =>
  adjustments.length === 0
    ? '1'
    : `least(${MOST_FACTOR}, ${adjustments.map(({ target, factor }) => `CASE WHEN ${targetCondition(target, values)} THEN ${values.add(factor)}::float8 ELSE 1 END`).join(' * ')})`;

/** What is added to the score of what comes first. */
export const firstScore = ({ first }: Pick<IndexQuery, 'first'>, values: StatementValues): string =>
  first.length === 0 ? '' : ` + CASE WHEN d.id = ANY(${values.add(first)}::text[]) THEN ${FIRST_SCORE} ELSE 0 END`;

export function filterCondition(filter: SearchFilter, currency: string, values: StatementValues): string {
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
      // As it is kept: 4.6 of four bytes is a little less than 4.6 of eight.
      return `d.rating >= ${values.add(filter.min)}::real`;
  }
}

/** What a facet's own filter is: its counts leave it out. */
export type OwnFilter = { readonly kind: SearchFilter['kind']; readonly code?: string };

export const isOwn = (filter: SearchFilter, own: OwnFilter): boolean =>
  own.kind === 'attribute'
    ? (filter.kind === 'attribute' || filter.kind === 'attribute_range') && filter.code === own.code
    : filter.kind === own.kind;

/** What a product must meet to be shown to the audience. */
const shownTo = ({ channelId, groupIds }: Audience, values: StatementValues): string[] => [
  ...(channelId === null ? [] : [`(d.channel_ids IS NULL OR ${values.add(channelId)}::text = ANY(d.channel_ids))`]),
  ...(groupIds === null ? [] : [`(d.group_ids IS NULL OR d.group_ids && ${values.add(groupIds)}::text[])`]),
];

/** What a product must meet whatever is filtered by. */
export const allowed = (audience: Audience, hidden: readonly RankingTarget[], values: StatementValues): string =>
  ['NOT d.removed', ...shownTo(audience, values), ...hidden.map((target) => `NOT ${targetCondition(target, values)}`)].join(' AND ');

/** What a product must meet beside its words. */
export const restrictions = ({ filters, currency, audience, ranking }: Pick<IndexQuery, 'filters' | 'currency' | 'audience' | 'ranking'>, values: StatementValues): string =>
  [allowed(audience, ranking.hidden, values), ...filters.map((filter) => filterCondition(filter, currency, values))].join(' AND ');

/** What a product must meet beside the filters, in a place where its text matches so. */
export function foundCondition({ also, unmatched, without, audience, ranking }: IndexQuery, values: StatementValues): (place: Pick<WordPlace, 'texts'>, textMatches: string) => string {
  const given = (ids: readonly string[]): string => `ANY(${values.add(ids)}::text[])`;
  const [anyAlso, anyUnmatched] = [also.length === 0 ? undefined : given(also), unmatched === null ? undefined : given(unmatched)];
  const rest = [allowed(audience, ranking.hidden, values), ...(without.length === 0 ? [] : [`d.id <> ALL(${values.add(without)}::text[])`])].join(' AND ');
  return ({ texts }, textMatches) => {
    const words = anyAlso === undefined ? textMatches : `(${textMatches} OR ${texts}.id = ${anyAlso})`;
    return `${rest} AND ${anyUnmatched === undefined ? words : `${texts}.id = ${anyUnmatched} AND NOT (${words})`}`;
  };
}
