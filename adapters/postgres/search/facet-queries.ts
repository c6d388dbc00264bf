import type { SearchFacets } from '../../../domain/search/search-index.ts';
import { SEARCH_LIMITS, type IndexQuery } from '../../../domain/search/search-query.ts';
import { statementValues, type StatementValues } from '../catalog/statement-values.ts';
import { ephemeral, type Sql } from '../database.ts';
import { VALUE_SEPARATOR } from './document-rows.ts';
import { searchConditions, textCondition, type OwnFilter } from './search-conditions.ts';

/** The products that a facet counts: all that are found, without its own filter. */
function counted(query: IndexQuery, index: string, language: string, own: OwnFilter, values: StatementValues): string {
  const { condition } = textCondition(query, language, values);
  return `FROM search_documents d WHERE d.index_name = ${values.add(index)} AND ${searchConditions(query, condition, values, own)}`;
}

interface CountRow {
  readonly value: string;
  readonly label: string | null;
  readonly count: number;
}

/** Counts the values of every facet that was asked for; each in a statement of its own, for each leaves out another filter. */
export async function readFacets(sql: Sql, query: IndexQuery, index: string, language: string): Promise<SearchFacets> {
  async function categories(): Promise<SearchFacets['categories']> {
    const values = statementValues();
    const rows = await sql.rows<CountRow>(
      ephemeral(`SELECT c AS value, max(d.labels -> 'categories' ->> c) AS label, count(*)::int AS count FROM (SELECT d.* ${counted(query, index, language, { kind: 'category' }, values)}) d
        CROSS JOIN LATERAL unnest(d.categories) c GROUP BY c ORDER BY count(*) DESC, c LIMIT ${SEARCH_LIMITS.buckets}`),
      values.values,
    );
    return rows.map(({ value, label, count }) => ({ value, label: label ?? value, count }));
  }

  async function attribute(code: string): Promise<SearchFacets['attributes'][number] | undefined> {
    const values = statementValues();
    const found = counted(query, index, language, { kind: 'attribute', code }, values);
    const prefix = values.add(`${code}${VALUE_SEPARATOR}`);
    const name = values.add(code);
    const rows = await sql.rows<CountRow>(
      ephemeral(`SELECT substr(a, length(${prefix}) + 1) AS value, max(d.labels -> 'attributes' ->> ${name}) AS label, count(*)::int AS count FROM (SELECT d.* ${found}) d
        CROSS JOIN LATERAL unnest(d.attribute_values) a WHERE starts_with(a, ${prefix}) GROUP BY a ORDER BY count(*) DESC, a LIMIT ${SEARCH_LIMITS.buckets}`),
      values.values,
    );
    const [first] = rows;
    return first && { code, name: first.label ?? code, values: rows.map(({ value, count }) => ({ value, label: value, count })) };
  }

  async function price(): Promise<SearchFacets['price']> {
    const values = statementValues();
    const currency = values.add(query.currency);
    const [row] = await sql.rows<{ min: number | null; max: number | null }>(
      ephemeral(`SELECT min((d.prices -> ${currency} ->> 'min')::bigint) AS min, max((d.prices -> ${currency} ->> 'max')::bigint) AS max
        ${counted(query, index, language, { kind: 'price' }, values)}`),
      values.values,
    );
    return row?.min == null || row.max === null ? null : { min: row.min, max: row.max };
  }

  async function inStock(): Promise<number> {
    const values = statementValues();
    const [row] = await sql.rows<{ count: number }>(ephemeral(`SELECT count(*) FILTER (WHERE d.in_stock)::int AS count ${counted(query, index, language, { kind: 'in_stock' }, values)}`), values.values);
    return row?.count ?? 0;
  }

  const attributes: SearchFacets['attributes'][number][] = [];
  for (const code of query.facets) {
    const found = await attribute(code);
    if (found) attributes.push(found);
  }
  return { categories: await categories(), attributes, price: await price(), inStock: await inStock() };
}
