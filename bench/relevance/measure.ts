import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createEmbedder } from '../../adapters/embeddings/create-embedder.ts';
import { loadConfig } from '../../platform/config.ts';
import { elasticsearchUrl, startElasticsearch } from '../../tests/support/elasticsearch.ts';
import { round } from '../statistics.ts';
import { openElasticsearchEngine, openPostgresEngine, type Engine } from './engines.ts';
import { judgedProducts, judgedQueries, QUERY_KINDS } from './judged-set.ts';
import { answerAll, qualityOf, type Answered, type Quality } from './quality.ts';
import { judgedDocuments, METHODS, openRankings, type Method } from './rankings.ts';

/** How good search is on the judged set: words alone, meanings alone and both, on each engine; by the embedder of the settings (EMBEDDINGS). */
const { values } = parseArgs({ options: { out: { type: 'string' }, worst: { type: 'string', default: '0' } } });
const log = (line: string): void => console.error(new Date().toISOString().slice(11, 19), line);
// A busy machine is to be waited for.
const { leastSimilarity, embeddings } = loadConfig({ EMBEDDING_TIMEOUT_MS: '20000', ...process.env }).search;

const PARTS: readonly [name: string, has: (answered: Answered) => boolean][] = [
  ['all', () => true],
  ['tuning half', ({ judged }) => judged.half === 'tuning'],
  ['held-out half', ({ judged }) => judged.half === 'held-out'],
  ...QUERY_KINDS.map((kind): [string, (answered: Answered) => boolean] => [kind, ({ judged }) => judged.kind === kind]),
];

const percent = (value: number): string => (value * 100).toFixed(1);

function table(qualities: ReadonlyMap<string, Record<Method, Quality>>): string {
  const rows = [...qualities].map(([part, methods]) => {
    const { queries } = methods.hybrid;
    const isNegative = part === 'negative';
    const cells = METHODS.map((method) => {
      const { ndcg, mrr, recall } = methods[method];
      return isNegative ? `${round(methods[method].shown)} shown` : `${percent(ndcg)} / ${percent(mrr)} / ${percent(recall)}`;
    });
    return `| ${[part, queries, ...cells].join(' | ')} |`;
  });
  return ['| queries | count | lexical: NDCG@10 / MRR / recall@10 | semantic | hybrid |', '|---|---|---|---|---|', ...rows].join('\n');
}

const documents = judgedProducts();
const queries = judgedQueries();
const embedder = createEmbedder(embeddings, log);
if (!embedder) throw new Error('EMBEDDINGS is none: there is nothing to compare');
const begun = performance.now();
const indexed = await judgedDocuments(documents, embedder);
log(`${indexed.length} products embedded, ${round((performance.now() - begun) / indexed.length)} ms each; ${queries.length} queries; least similarity ${leastSimilarity}`);

const own = elasticsearchUrl() === undefined ? await startElasticsearch(log) : undefined;
const url = elasticsearchUrl() ?? own?.url;
const engines: [name: string, open: () => Promise<Engine>][] = [
  ['postgres', () => openPostgresEngine(embedder)],
  ...(url === undefined ? [] : [['elasticsearch', () => openElasticsearchEngine(url, embedder)] satisfies [string, () => Promise<Engine>]]),
];
const results: Record<string, unknown> = { startedAt: new Date().toISOString(), model: embedder.model, products: indexed.length, leastSimilarity };
for (const [name, open] of engines) {
  const engine = await open();
  try {
    const rankings = await openRankings(engine.index, indexed, { embedder, leastSimilarity, now: new Date() });
    const lexical = await answerAll(queries, rankings.lexical);
    const semantic = await answerAll(queries, rankings.semantic);
    const hybrid = await answerAll(queries, rankings.hybrid);
    const qualities = new Map(PARTS.map(([part, has]) => [part, { lexical: qualityOf(lexical.filter(has)), semantic: qualityOf(semantic.filter(has)), hybrid: qualityOf(hybrid.filter(has)) }]));
    results[name] = Object.fromEntries(qualities);
    console.log(`\n${name}\n\n${table(qualities)}`);
    const byNdcg = hybrid.map((answered) => ({ ...answered, ndcg: qualityOf([answered]).ndcg })).filter(({ judged }) => judged.grades.size > 0);
    for (const { judged, ranking, ndcg } of byNdcg.toSorted((a, b) => a.ndcg - b.ndcg).slice(0, Number(values.worst))) console.log(`${percent(ndcg)} ${judged.kind}: ${judged.query} → ${ranking.slice(0, 5).join(', ')}`);
  } finally {
    await engine.close();
  }
}
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(results, null, 2)}\n`);
await embedder.close();
await own?.stop();
if (process.channel !== undefined) process.disconnect();
