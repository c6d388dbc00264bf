import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { cachedEmbedder } from '../../adapters/embeddings/cached-embedder.ts';
import { createLocalEmbedder, type OpenEmbedder } from '../../adapters/embeddings/local/local-embedder.ts';
import { openElasticsearchEngine, openPostgresEngine, type Engine } from '../../bench/relevance/engines.ts';
import { judgedProducts, judgedQueries, QUERY_KINDS } from '../../bench/relevance/judged-set.ts';
import { answerAll, qualityOf, type Answered } from '../../bench/relevance/quality.ts';
import { judgedDocuments, METHODS, openRankings, type Method, type Rank } from '../../bench/relevance/rankings.ts';
import type { Embedder } from '../../domain/search/embedding.ts';
import type { SearchDocument } from '../../domain/search/search-document.ts';
import { loadConfig } from '../../platform/config.ts';
import { elasticsearchUrl } from '../support/elasticsearch.ts';
import { embeddingModel } from '../support/embedding-model.ts';

/** NDCG@10 of hybrid search as it was measured (bench/README.md), less a margin for other processors' rounding. */
const LEAST_NDCG = 0.82;
const LEAST_NDCG_HELD_OUT = 0.83;
const TEXT_TIMEOUT_MS = 10_000;

const model = await embeddingModel();
const url = elasticsearchUrl();
const products = judgedProducts();
const queries = judgedQueries();
const { leastSimilarity } = loadConfig({}).search;

describe('the judged set', () => {
  it('speaks of products that there are, and has every kind of query in both halves', () => {
    const handles = new Set(products.map(({ handle }) => handle));
    assert.equal(handles.size, products.length);
    for (const { query, grades } of queries) for (const handle of grades.keys()) assert.ok(handles.has(handle), `${query}: ${handle}`);
    for (const kind of QUERY_KINDS) {
      const halves = queries.filter((judged) => judged.kind === kind).map(({ half }) => half);
      const [tuning, heldOut] = [halves.filter((half) => half === 'tuning').length, halves.filter((half) => half === 'held-out').length];
      assert.ok(heldOut > 0 && tuning - heldOut <= 1 && tuning >= heldOut, `${kind}: ${tuning} and ${heldOut}`);
    }
  });
});

describe('relevance', { skip: model.missing }, () => {
  let local: OpenEmbedder;
  let embedder: Embedder;
  let documents: readonly SearchDocument[];
  before(async () => {
    local = await createLocalEmbedder({ modelFile: model.file, timeoutMs: TEXT_TIMEOUT_MS });
    embedder = cachedEmbedder(local);
    documents = await judgedDocuments(products, embedder);
  });
  after(() => local.close());

  const engines: readonly [name: string, open: () => Promise<Engine>, skip: string | false][] = [
    ['postgres', () => openPostgresEngine(embedder), false],
    ['elasticsearch', () => openElasticsearchEngine(url ?? '', embedder), url === undefined && 'there is no Elasticsearch here'],
  ];
  for (const [name, open, skip] of engines) {
    describe(`by ${name}`, { skip }, () => {
      let engine: Engine;
      let rankings: Record<Method, Rank>;
      const answered = new Map<Method, Answered[]>();
      const ndcgOf = (method: Method, has: (one: Answered) => boolean): number => qualityOf((answered.get(method) ?? []).filter(has)).ndcg;
      before(async () => {
        engine = await open();
        rankings = await openRankings(engine.index, documents, { embedder, leastSimilarity, now: new Date('2026-06-01T00:00:00Z') });
        for (const method of METHODS) answered.set(method, await answerAll(queries, rankings[method]));
      });
      after(() => engine.close());

      for (const [part, has, least] of [
        ['all queries', () => true, LEAST_NDCG],
        ['the held-out half', ({ judged }: Answered) => judged.half === 'held-out', LEAST_NDCG_HELD_OUT],
      ] as const) {
        it(`is better by words and meanings than by either alone, on ${part}`, (context) => {
          const { lexical, semantic, hybrid } = { lexical: ndcgOf('lexical', has), semantic: ndcgOf('semantic', has), hybrid: ndcgOf('hybrid', has) };
          const figures = `NDCG@10: lexical ${lexical.toFixed(3)}, semantic ${semantic.toFixed(3)}, hybrid ${hybrid.toFixed(3)}`;
          context.diagnostic(figures);
          assert.ok(hybrid > lexical && hybrid > semantic, figures);
          assert.ok(hybrid >= least, `${figures}, less than ${least}`);
        });
      }

      it('puts first what was named by its title or SKU', () => {
        for (const { judged, ranking } of answered.get('hybrid') ?? []) {
          if (judged.kind === 'title' || judged.kind === 'sku') assert.equal(judged.grades.get(ranking[0] ?? ''), 3, `${judged.query}: ${ranking.slice(0, 3).join(', ')}`);
        }
      });

      it('shows nothing for a code that no product has, and little of what the store has not', () => {
        const negative = (answered.get('hybrid') ?? []).filter(({ judged }) => judged.kind === 'negative');
        assert.deepEqual(negative.find(({ judged }) => judged.query === 'XZ-99999')?.ranking, []);
        assert.ok(qualityOf(negative).shown < qualityOf((answered.get('semantic') ?? []).filter(({ judged }) => judged.kind === 'negative')).shown);
      });
    });
  }
});
