import { Client, errors, type estypes } from '@elastic/elasticsearch';
import type { Audience } from '../../domain/catalog/audience.ts';
import { foldText, foldWords } from '../../domain/search/fold-words.ts';
import { recencyOf, type KeptSignals } from '../../domain/search/ranking.ts';
import type { SearchDocument } from '../../domain/search/search-document.ts';
import { COMPARISON_BUCKETS, IndexGoneError, SearchRefusedError, SearchUnavailableError, type DocumentMark, type RefusedDocument, type SearchHit, type SearchIndex } from '../../domain/search/search-index.ts';
import { MOST_MEANT_WORDS } from '../../domain/search/search-terms.ts';
import { correctionsOf, correctionsRequest, NOTHING_MISSPELT } from './corrections.ts';
import { documentSource, type TranslatedTexts } from './document-source.ts';
import { toFacets, type Counted } from './facets.ts';
import { definitionName, indexDefinition, type VectorSpace } from './index-definition.ts';
import { adjustmentName, meantRequest, nearRequest, searchRequests, suggestRequest, type SearchBody } from './search-request.ts';
import { MATCHED } from './text-query.ts';

export interface ElasticsearchOptions {
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Before the names of indexes, so that several stores can share a cluster. */
  readonly prefix: string;
  /** An analyzer such as `english`, by which words are reduced to their stems. */
  readonly language: string;
  /** Of one search. */
  readonly timeoutMs: number;
  /** Absent: products are searched by words alone. */
  readonly vectors?: VectorSpace | undefined;
}

/** Of whatever no shopper waits for. */
const PATIENT_MS = 30_000;
/** More documents than a bucket of any catalog has. */
const BUCKET_SIZE = 10_000;

/** What Elasticsearch cannot do now, another may; what it refuses is a mistake of ours. */
async function answered<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const passing = error instanceof errors.ResponseError ? (error.statusCode ?? 500) >= 500 || error.statusCode === 429 : error instanceof errors.ElasticsearchClientError;
    if (passing) throw new SearchUnavailableError(`Elasticsearch does not answer: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    if (error instanceof errors.ResponseError && error.statusCode === 400) throw new SearchRefusedError(`Elasticsearch refuses: ${error.message}`, { cause: error });
    throw error;
  }
}

interface NamedSource {
  readonly title: string;
  readonly description: string;
  /** By locale. */
  readonly texts?: Readonly<Record<string, Pick<TranslatedTexts, 'shown'> | undefined>>;
}

interface ShownSource extends NamedSource {
  readonly signals: KeptSignals;
  readonly created_at: string;
  readonly skus: readonly string[];
}

const NO_SIGNALS = { sold: 0, viewed: 0, stock: 0, margin: 0, recency: 0, rating: 0 };

/** How it is called: in the locale, or else in the catalog's words. */
const namesIn = (source: NamedSource | undefined, { locale }: Audience): Pick<SearchHit, 'title' | 'description'> => {
  const { title = '', description = '' } = (locale === null ? undefined : source?.texts?.[locale]?.shown) ?? source ?? {};
  return { title, description };
};

/** What a product is shown and ranked by. */
const shownOf = (source: ShownSource | undefined, audience: Audience, now: Date): Pick<SearchHit, 'title' | 'description' | 'skus' | 'signals'> => ({
  ...namesIn(source, audience),
  skus: source?.skus ?? [],
  signals: source ? { ...source.signals, recency: recencyOf(new Date(source.created_at), now) } : NO_SIGNALS,
});

/** Search in Elasticsearch. `close` ends its connections. */
export function createElasticsearch(options: ElasticsearchOptions): SearchIndex & { close(): Promise<void> } {
  const { prefix, language, timeoutMs } = options;
  const definition = indexDefinition(language, options.vectors);
  const definitionId = definitionName(definition);
  const client = new Client({ node: options.url, ...(options.apiKey === undefined ? {} : { auth: { apiKey: options.apiKey } }), requestTimeout: PATIENT_MS, maxRetries: 1 });
  // A request can be given less time than its connection, never more.
  const PROMPT = { requestTimeout: timeoutMs };
  const ACTIVE = `${prefix}products`;
  const BUILDING = `${prefix}products-building`;
  const full = (name: string): string => `${prefix}${name}`;
  const short = (name: string): string => name.slice(prefix.length);
  /** Writes go through an alias of the index's own: one to an index that is gone must not make it anew, without its mapping. */
  const ownAlias = (index: string): string => `${index}-writes`;

  /** Indexes behind the names, as they are at one instant: between two questions an index may go from one name to the other. */
  async function behind(aliases: readonly string[], requestTimeout = timeoutMs): Promise<string[]> {
    // A pattern, since names that do not exist are no answer at all.
    const found = await answered(() => client.indices.getAlias({ name: `${ACTIVE}*` }, { requestTimeout }));
    return Object.entries(found).flatMap(([index, { aliases: names }]) => (aliases.some((alias) => alias in names) ? [index] : []));
  }

  const isNamed = (names: estypes.SearchHit['matched_queries'], name: string): boolean => Array.isArray(names) && names.includes(name);
  const isMatched = (names: estypes.SearchHit['matched_queries']): boolean => isNamed(names, MATCHED);
  const isMissing = (error: unknown): boolean => error instanceof errors.ResponseError && error.statusCode === 404;
  /** Before the first index is complete, the engine that stands in knows more than nothing. */
  const orNoIndex = (error: unknown): unknown => (isMissing(error) ? new SearchUnavailableError('Elasticsearch has no index yet', { cause: error }) : error);

  const ask = <Source, Aggregations = unknown>(body: SearchBody): Promise<estypes.SearchResponse<Source, Aggregations>> =>
    client.transport.request({ method: 'POST', path: `/${ACTIVE}/_search`, body }, PROMPT);

  /** Finds and counts. `more`: what is asked beside what is found. */
  async function askAll({ found, counted }: ReturnType<typeof searchRequests>, more: SearchBody = {}) {
    const timeout = `${timeoutMs}ms`;
    const [response, ...others] = await Promise.all([
      answered(() => ask<ShownSource, Record<string, Counted>>({ timeout, ...found, ...more })),
      ...counted.map((body) => answered(() => ask<never, Record<string, Counted>>({ timeout, ...body }))),
    ]);
    const counts = Object.assign({}, response.aggregations, ...others.map(({ aggregations }) => aggregations)) as Record<string, Counted>;
    return { response, counts };
  }

  /** What an index takes: it stays so for as long as there is the index. */
  interface Taken {
    /** Whose vectors. */
    readonly model: string | null;
    /** An index that an older release has made may not know all of them. */
    readonly fields: ReadonlySet<string>;
  }
  const takenBy = new Map<string, Promise<Taken>>();
  function taken(index: string): Promise<Taken> {
    const known = takenBy.get(index);
    if (known) return known;
    const asked = answered(async (): Promise<Taken> => {
      const { mappings } = (await client.indices.getMapping({ index }, PROMPT))[index] ?? {};
      const model: unknown = mappings?._meta?.['model'];
      return { model: typeof model === 'string' ? model : null, fields: new Set(Object.keys(mappings?.properties ?? {})) };
    });
    takenBy.set(index, asked);
    asked.catch(() => takenBy.delete(index));
    return asked;
  }
  const modelOf = async (index: string): Promise<string | null> => (await taken(index)).model;

  let lastActive: string | undefined;
  /**
   * Asks the index that is searched, by what it takes. Which one that is was known before as a rule: where an answer comes from another
   * one, or none comes, it is found out again.
   */
  async function askActive<Source, Counts, Answer>(call: (index: Taken) => Promise<{ readonly response: estypes.SearchResponse<Source, Counts> | undefined; readonly answer: Answer }>): Promise<Answer> {
    for (let again = false; ; again = true) {
      const index = (lastActive ??= (await behind([ACTIVE]))[0]);
      if (index === undefined) throw new SearchUnavailableError('Elasticsearch has no index yet');
      try {
        const { response, answer } = await call(await taken(index));
        if (again || (response?.hits.hits[0]?._index ?? index) === index) return answer;
      } catch (error) {
        if (again || !(error instanceof SearchRefusedError || isMissing(error))) throw error;
      }
      lastActive = undefined;
    }
  }

  /** Writes or removes; what is older than what is there changes nothing. Tells what the mapping does not take. */
  async function bulk(targets: readonly string[], operations: (index: string) => unknown[]): Promise<RefusedDocument[]> {
    const body = targets.flatMap(operations);
    if (body.length === 0) return [];
    const { items } = await answered(() => client.bulk({ operations: body, require_alias: true }));
    const refused = new Map<string, RefusedDocument>();
    for (const item of items) {
      const result = item.index ?? item.delete;
      if (!result?.error || result.status === 409) continue;
      const reason = `${result.error.type}: ${result.error.caused_by?.reason ?? result.error.reason ?? ''}`;
      if (result.status === 404) throw new IndexGoneError(`Elasticsearch: ${reason}`);
      // Too much to do, or a block such as that of a full disk: neither has to do with the document.
      if (result.status !== 400) throw new SearchUnavailableError(`Elasticsearch: ${reason}`);
      refused.set(result._id ?? '', { id: result._id ?? '', reason });
    }
    return [...refused.values()];
  }

  async function write(targets: readonly string[], documents: readonly SearchDocument[]): Promise<RefusedDocument[]> {
    const takes = new Map(await Promise.all(targets.map(async (index) => [index, await taken(index)] as const)));
    return bulk(targets, (index) => {
      const { model = null, fields } = takes.get(index) ?? {};
      return documents.flatMap((document) => [
        { index: { _index: ownAlias(index), _id: document.id, version: document.version, version_type: 'external' } },
        Object.fromEntries(Object.entries(documentSource(document, model)).filter(([field]) => fields?.has(field))),
      ]);
    });
  }

  /** A write to all that are written now. One that was dropped meanwhile needs it no more: the next try does not find it. */
  async function toWritten<T>(call: (targets: readonly string[]) => Promise<T>): Promise<T> {
    try {
      return await call(await behind([ACTIVE, BUILDING], PATIENT_MS));
    } catch (error) {
      if (error instanceof IndexGoneError || isMissing(error)) throw new SearchUnavailableError('An index was dropped while it was written', { cause: error });
      throw error;
    }
  }

  /** What needs an index that is not there says so. */
  async function there<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await answered(call);
    } catch (error) {
      if (isMissing(error)) throw new IndexGoneError('The index is not there any more', { cause: error });
      throw error;
    }
  }

  return {
    engine: 'elasticsearch',
    definition: definitionId,

    async search(query) {
      const found = async ({ fields }: Taken) => {
        const typed = await askAll(searchRequests(query, NOTHING_MISSPELT), correctionsRequest(query, fields));
        const corrections = correctionsOf(typed.response.suggest, query);
        const answer = corrections === undefined ? typed : await askAll(searchRequests(query, corrections));
        return { response: answer.response, answer };
      };
      try {
        const { response, counts } = await askActive(found);
        const { hits } = response.hits;
        const total = typeof response.hits.total === 'object' ? response.hits.total.value : (response.hits.total ?? 0);
        const byWords = hits.some(({ matched_queries: names }) => isMatched(names)) || (total > 0 && query.also.length === 0);
        const words = query.terms.flatMap(({ typed }) => typed).length;
        const meant = byWords || words === 0 || words > MOST_MEANT_WORDS || query.unmatched ? undefined : await answered(() => ask<NamedSource>(meantRequest(query)));
        const title = meant?.hits.hits[0] ? namesIn(meant.hits.hits[0]._source, query.audience).title : null;
        return {
          hits: hits.map(({ _id: id = '', _score: score, matched_queries: matched, _source: source }) => ({ ...{ id, score: score ?? 0, matched: isMatched(matched) }, ...shownOf(source, query.audience, query.ranking.now) })),
          total,
          facets: toFacets(counts, query),
          didYouMean: title !== null && foldText(title) !== foldText(query.text) ? title : null,
        };
      } catch (error) {
        throw orNoIndex(error);
      }
    },

    async nearest(query) {
      const found = async ({ model }: Taken) => {
        const response = model === query.model ? await answered(() => ask<ShownSource>(nearRequest(query))) : undefined;
        return { response, answer: response?.hits.hits ?? [] };
      };
      // Elasticsearch gives half of one more than the cosine.
      return (await askActive(found)).map(({ _id: id = '', _score: score, _source: source, matched_queries: names }) => ({
        ...{ id, similarity: 2 * (score ?? 0) - 1 },
        ...shownOf(source, query.audience, query.ranking.now),
        factor: query.ranking.adjustments.reduce((product, { factor }, place) => (isNamed(names, adjustmentName(place)) ? product * factor : product), 1),
      }));
    },

    async vectorOf(id, model) {
      const [index] = await behind([ACTIVE]);
      if (index === undefined || (await modelOf(index)) !== model) return undefined;
      const found = await answered(() => client.search<{ vector?: string | number[] }>({ index, query: { ids: { values: [id] } }, _source: { includes: ['vector'], exclude_vectors: false } }, PROMPT));
      const vector = found.hits.hits[0]?._source?.vector;
      if (vector === undefined) return undefined;
      return typeof vector === 'string' ? new Int8Array(Buffer.from(vector, 'hex')) : Int8Array.from(vector);
    },

    async suggest(prefixText, limit, audience, hidden = []) {
      if (foldWords(prefixText).length === 0) return [];
      try {
        const found = await answered(() => ask<NamedSource>(suggestRequest(prefixText, limit, audience, hidden)));
        const titles = Map.groupBy(found.hits.hits.map(({ _source: source }) => namesIn(source, audience).title), foldText);
        return [...titles.values()].flatMap(([title]) => title ?? []).slice(0, limit);
      } catch (error) {
        throw orNoIndex(error);
      }
    },

    write: (documents) => toWritten((targets) => write(targets, documents)),
    async remove(removed) {
      await toWritten((targets) => bulk(targets, (index) => removed.map(({ id, version }) => ({ delete: { _index: ownAlias(index), _id: id, version, version_type: 'external' } }))));
    },
    async refresh() {
      const names = await behind([ACTIVE, BUILDING], PATIENT_MS);
      if (names.length > 0) await answered(() => client.indices.refresh({ index: names }));
    },

    rebuild: {
      async begin(name) {
        await answered(async () => {
          const there = await client.indices.exists({ index: full(name) });
          if (!there) {
            const mappings = { ...definition.mappings, _meta: { ...definition.mappings?._meta, definition: definitionId } };
            await client.indices.create({ index: full(name), ...definition, mappings, aliases: { [ownAlias(full(name))]: {} } });
          }
          if ((await behind([ACTIVE], PATIENT_MS)).includes(full(name))) return;
          await client.indices.updateAliases({ actions: [{ add: { index: full(name), alias: BUILDING } }] });
        });
      },
      fill: (name, documents) => there(() => write([full(name)], documents)),
      async sums(name) {
        const { aggregations } = await there(() =>
          client.search<unknown, { buckets: { buckets: { key: number; doc_count: number; checksum: { value: number } }[] } }>({
            index: full(name),
            size: 0,
            aggs: { buckets: { terms: { field: 'bucket', size: COMPARISON_BUCKETS }, aggs: { checksum: { sum: { field: 'checksum' } } } } },
          }),
        );
        return (aggregations?.buckets.buckets ?? []).map(({ key, doc_count: count, checksum }) => ({ bucket: key, count, checksum: checksum.value })).sort((a, b) => a.bucket - b.bucket);
      },
      async bucket(name, bucket) {
        const found = await there(() =>
          client.search({ index: full(name), size: BUCKET_SIZE, query: { term: { bucket } }, _source: false, docvalue_fields: ['checksum'] }),
        );
        return new Map(found.hits.hits.map(({ _id: id = '', fields }) => {
          const values: unknown = fields?.['checksum'];
          return [id, Array.isArray(values) ? Number(values[0]) : -1];
        }));
      },
      async marks(name, ids) {
        if (ids.length === 0) return new Map();
        const { docs } = await there(() => client.mget<{ checksum: number }>({ index: full(name), ids: [...ids], _source_includes: ['checksum'] }));
        return new Map(docs.flatMap((doc): [string, DocumentMark][] => ('found' in doc && doc.found ? [[doc._id, { checksum: doc._source?.checksum ?? -1, version: doc._version ?? 0 }]] : [])));
      },
      async activate(name) {
        const [old] = (await behind([ACTIVE], PATIENT_MS)).filter((index) => index !== full(name));
        const building = (await behind([BUILDING], PATIENT_MS)).includes(full(name));
        await there(() =>
          client.indices.updateAliases({
            actions: [
              { add: { index: full(name), alias: ACTIVE } },
              ...(building ? [{ remove: { index: full(name), alias: BUILDING } }] : []),
              ...(old === undefined ? [] : [{ remove: { index: old, alias: ACTIVE } }]),
            ],
          }),
        );
        return old === undefined ? null : short(old);
      },
      async active() {
        const [name] = await behind([ACTIVE], PATIENT_MS);
        return name === undefined ? null : short(name);
      },
      async drop(name) {
        if ((await behind([ACTIVE], PATIENT_MS)).includes(full(name))) return;
        await answered(() => client.indices.delete({ index: full(name), ignore_unavailable: true }));
      },
      async list() {
        const [names, active, building, mappings] = await Promise.all([
          answered(() => client.cat.indices({ index: `${full('products-')}*`, format: 'json', h: ['index', 'docs.count', 'creation.date'], s: 'creation.date' })),
          behind([ACTIVE]),
          behind([BUILDING]),
          answered(() => client.indices.getMapping({ index: `${full('products-')}*` })),
        ]);
        return names.map(({ index = '', ...row }) => ({
          name: short(index),
          documents: Number(row['docs.count'] ?? 0),
          active: active.includes(index),
          building: building.includes(index),
          current: mappings[index]?.mappings._meta?.['definition'] === definitionId,
        }));
      },
    },

    close: () => client.close(),
  };
}
