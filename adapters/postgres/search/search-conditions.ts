import { foldText, foldWords } from '../../../domain/search/fold-words.ts';
import type { SearchFilter, SearchQuery } from '../../../domain/search/search-query.ts';
import type { StatementValues } from '../catalog/statement-values.ts';
import { VALUE_SEPARATOR } from './document-rows.ts';

/** A word that is spelt otherwise is meant when so much of it is there (`pg_trgm.word_similarity_threshold`). */
export const LEAST_LIKENESS = 0.45;
/** Shorter words have too few letters to be misspelt. */
const SHORTEST_FUZZY = 4;

/**
 * What must hold for the text, and how well it does: `score` is put together when it is called, for a statement must use all of its
 * values. Every word must be found: as itself, as a beginning, or misspelt.
 */
export function textCondition(text: string, language: string, values: StatementValues): { condition: string; score: () => string } {
  const words = foldWords(text);
  if (words.length === 0) return { condition: 'true', score: () => 'd.popularity' };
  const config = `${values.add(language)}::regconfig`;
  const parts = words.map((word) => {
    // Whatever the word is, it is one lexeme: quoted, with nothing of the query's own language left in it.
    const lexeme = `to_tsquery(${config}, ${values.add(`'${word}':*`)})`;
    const exact = `to_tsquery('simple', ${values.add(`'${word}':*`)})`;
    const found = `(d.words @@ ${lexeme} OR d.words @@ ${exact})`;
    if (word.length < SHORTEST_FUZZY) return { condition: found, score: `ts_rank(d.words, ${lexeme} || ${exact})` };
    const given = `${values.add(word)}::text`;
    return {
      condition: `(${found} OR ${given} <% d.fuzzy)`,
      score: `CASE WHEN ${found} THEN ts_rank(d.words, ${lexeme} || ${exact}) ELSE 0.05 * word_similarity(${given}, d.fuzzy) END`,
    };
  });
  return {
    condition: parts.map(({ condition }) => condition).join(' AND '),
    score() {
      const whole = `${values.add(foldText(text))}::text`;
      const sku = `CASE WHEN ${whole} = ANY(SELECT lower(s) FROM unnest(d.skus) s) THEN 10 ELSE 0 END`;
      const phrase = `CASE WHEN position(${whole} IN d.fuzzy) > 0 THEN 0.5 ELSE 0 END`;
      return `${parts.map(({ score }) => score).join(' + ')} + ${sku} + ${phrase} + 0.02 * d.popularity`;
    },
  };
}

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
  }
}

/** What a facet's own filter is: its counts leave it out. */
export type OwnFilter = { readonly kind: SearchFilter['kind']; readonly code?: string };

const isOwn = (filter: SearchFilter, own: OwnFilter): boolean =>
  own.kind === 'attribute'
    ? (filter.kind === 'attribute' || filter.kind === 'attribute_range') && filter.code === own.code
    : filter.kind === own.kind;

/** Everything that a product must meet. */
export function searchConditions(query: SearchQuery, textMatches: string, values: StatementValues, own?: OwnFilter): string {
  const filters = query.filters.filter((filter) => own === undefined || !isOwn(filter, own));
  return ['NOT d.removed', textMatches, ...filters.map((filter) => filterCondition(filter, query.currency, values))].join(' AND ');
}
