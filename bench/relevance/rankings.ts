import { WHOLE_CATALOG } from '../../domain/catalog/audience.ts';
import { loadStopWords } from '../../adapters/stop-words.ts';
import { embeddedText } from '../../domain/search/embedded-text.ts';
import { EMBEDDING_LIMITS, quantize, type Embedder } from '../../domain/search/embedding.ts';
import { DEFAULT_WEIGHTS } from '../../domain/search/ranking.ts';
import { contentChecksum, type SearchContent, type SearchDocument } from '../../domain/search/search-document.ts';
import type { SearchIndex } from '../../domain/search/search-index.ts';
import { checkSearch } from '../../domain/search/search-query.ts';
import { createProductSearch } from '../../services/search/product-search.ts';
import { vocabularyOf } from '../../services/search/vocabulary.ts';

/** How many of a ranking are looked at. */
export const DEPTH = 10;
const INDEX = 'products-judged';

/** By what products are found. */
export const METHODS = ['lexical', 'semantic', 'hybrid'] as const;
export type Method = (typeof METHODS)[number];

/** The ids of what is found for a text, best first, `DEPTH` at most. */
export type Rank = (text: string) => Promise<readonly string[]>;

/** Documents with their meanings, by the same code as in a store. An id is the product's handle. */
export async function judgedDocuments(products: readonly SearchContent[], embedder: Embedder): Promise<SearchDocument[]> {
  const vectors: Float32Array[] = [];
  for (let start = 0; start < products.length; start += EMBEDDING_LIMITS.texts) {
    vectors.push(...(await embedder.embed(products.slice(start, start + EMBEDDING_LIMITS.texts).map(embeddedText), 'passage')));
  }
  return products.map((product, place) => {
    const vector = quantize(vectors[place] ?? new Float32Array());
    const content = { ...product, vector: { model: embedder.model, bytes: Buffer.from(vector.buffer).toString('base64') } };
    return { id: product.handle, version: 1, checksum: contentChecksum(content), ...content };
  });
}

/** Puts the documents into an index, and tells how texts are answered by it: the shop's own search with and without meanings, and the nearest vectors alone. */
export async function openRankings(
  index: SearchIndex,
  documents: readonly SearchDocument[],
  { embedder, leastSimilarity, now }: { embedder: Embedder; leastSimilarity: number; now: Date },
): Promise<Record<Method, Rank>> {
  await index.rebuild.begin(INDEX);
  await index.rebuild.fill(INDEX, documents);
  await index.rebuild.activate(INDEX);
  await index.refresh();
  const vocabulary = vocabularyOf(await loadStopWords('english'), [], []);
  const followed = { rules: [], synonyms: [], stopWords: [], live: null, trial: null, vocabulary: async () => vocabulary };

  function search(meanings: Embedder | undefined): Rank {
    const shop = createProductSearch({
      ask: async (call) => ({ answer: await call(index), degraded: false }),
      merchandising: async () => followed,
      embedder: meanings,
      multilingual: false,
      language: 'english',
      leastSimilarity,
      log: { note: () => undefined, close: async () => undefined },
      popular: async () => [],
      newId: () => 'search',
      now: () => now,
      onFailure: (error) => {
        throw error;
      },
    });
    return async (text) => {
      const query = checkSearch({ text, filters: [], sort: 'relevance', first: DEPTH, after: null, currency: 'EUR', audience: WHOLE_CATALOG, facets: [] });
      return (await shop.search(query, { visitor: null, segment: null })).hits.map(({ id }) => id);
    };
  }

  return {
    lexical: search(undefined),
    async semantic(text) {
      const [vector = new Float32Array()] = await embedder.embed([text], 'query');
      const ranking = { weights: DEFAULT_WEIGHTS, now, adjustments: [], hidden: [] };
      const near = await index.nearest({ model: embedder.model, vector: quantize(vector), size: DEPTH, least: -1, filters: [], currency: 'EUR', audience: WHOLE_CATALOG, ranking });
      return near.map(({ id }) => id);
    },
    hybrid: search(embedder),
  };
}
