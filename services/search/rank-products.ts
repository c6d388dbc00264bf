import { addFacets } from '../../domain/search/add-facets.ts';
import { strengthOf } from '../../domain/search/ranking.ts';
import { fuseRanks } from '../../domain/search/fuse-ranks.ts';
import { isNamedBy, type NearProduct, type SearchAnswer, type SearchHit, type SearchIndex } from '../../domain/search/search-index.ts';
import type { IndexQuery } from '../../domain/search/search-query.ts';

/** What is looked for by its meaning. */
export interface Meaning {
  readonly model: string;
  readonly vector: Int8Array;
  /** Cosine, below which a product means something else. */
  readonly least: number;
}

/** A product that merchandisers have put at a place. */
export interface Pin {
  readonly productId: string;
  /** 1 is the first. */
  readonly position: number;
}

/** A hit, and why it is where it is. Places are from 1; null: not found so. */
export interface RankedHit extends SearchHit {
  readonly byWords: number | null;
  readonly byMeaning: number | null;
  readonly similarity: number | null;
  readonly pinned: boolean;
}

export type RankedAnswer = Omit<SearchAnswer, 'hits'> & { readonly hits: readonly RankedHit[] };

/** So many are put into order here; what comes behind them keeps the engine's. */
const HEAD = 100;
/** So many are found by their meaning at most. */
const NEAR = 50;
/** What is less near than this part of the nearest is not meant, when so much else is. */
const NEAR_ENOUGH = 0.6;
/** What was typed tells more than what it may mean: between a product found by the one and a product found by the other alone it decides. */
const WORDS_WEIGHT = 1.3;

/** Puts pins at their places; a place behind the end is the end. */
export function placePins<Item extends { readonly id: string }>(items: readonly Item[], pins: readonly Pin[]): Item[] {
  const places = new Map(pins.map(({ productId, position }) => [productId, position]));
  const placed = items.filter(({ id }) => !places.has(id));
  const pinned = items.filter(({ id }) => places.has(id)).sort((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0));
  for (const item of pinned) placed.splice((places.get(item.id) ?? 1) - 1, 0, item);
  return placed;
}

const unranked = (hit: SearchHit, index: number): RankedHit => ({ ...hit, byWords: hit.matched ? index + 1 : null, byMeaning: null, similarity: null, pinned: false });

/** What means about the same as the query, as near as the nearest or nearly so. */
async function nearProducts(index: Pick<SearchIndex, 'nearest'>, { filters, currency, audience, ranking }: IndexQuery, meaning: Meaning | undefined): Promise<readonly NearProduct[]> {
  const found = meaning === undefined ? [] : await index.nearest({ ...meaning, size: NEAR, filters, currency, audience, ranking });
  return found.filter(({ similarity }) => similarity >= NEAR_ENOUGH * (found[0]?.similarity ?? 0));
}

/** The products that are only near, counted with those that were found by words. Where all of these are in the head, it is known which ones they are. */
async function countNear(index: Pick<SearchIndex, 'search'>, query: IndexQuery, byWords: SearchAnswer, onlyNear: readonly NearProduct[]): Promise<Pick<SearchAnswer, 'total' | 'facets'>> {
  const known = byWords.total <= byWords.hits.length;
  if (onlyNear.length === 0 || (known && query.facets === null)) return { total: byWords.total + onlyNear.length, facets: byWords.facets };
  const more = await index.search({ ...query, unmatched: onlyNear.map(({ id }) => id), also: [], first: [], offset: 0, size: 0 });
  return { total: byWords.total + more.total, facets: addFacets(byWords.facets, more.facets) };
}

/**
 * Searches by words and by meaning, fuses both rankings, and places the pins. A product that is named stays before all others. Facets
 * and the total count all that is found either way. Other orders than by relevance, and queries with nothing to fuse or place, are left
 * to the engine. `meaning` may still be being reckoned: meanwhile the words are looked for.
 */
export async function rankProducts(
  index: Pick<SearchIndex, 'search' | 'nearest'>,
  query: IndexQuery,
  { meaning, pins }: { meaning: Promise<Meaning | undefined> | undefined; pins: readonly Pin[] },
): Promise<RankedAnswer> {
  const pinned = pins.map(({ productId }) => productId);
  if (query.sort !== 'relevance' || (meaning === undefined && pins.length === 0)) {
    const { hits, ...answer } = await index.search({ ...query, also: pinned });
    return { ...answer, hits: hits.map((hit, place) => unranked(hit, query.offset + place)) };
  }

  // What is pinned is in the head, if it meets the filters.
  const [byWords, near] = await Promise.all([
    index.search({ ...query, also: pinned, first: pinned, offset: 0, size: HEAD }),
    Promise.resolve(meaning).then((known) => nearProducts(index, query, known)),
  ]);
  const { hits, didYouMean } = byWords;
  const shownIds = new Set(hits.map(({ id }) => id));
  const onlyNear = near.filter(({ id }) => !shownIds.has(id));
  const counted = await countNear(index, query, byWords, onlyNear);

  const pinnedIds = new Set(pinned);
  const words = hits.filter(({ id, matched }) => matched && !pinnedIds.has(id)).map(({ id }) => id);
  // What speaks for a product beside its meaning is in the engine's order already, and here beside the similarity.
  const meanings = near.map((product) => ({ id: product.id, score: product.similarity * strengthOf(product.signals, query.ranking.weights) * product.factor })).sort((a, b) => b.score - a.score).map(({ id }) => id);
  const scores = new Map(fuseRanks([{ ids: words, weight: WORDS_WEIGHT }, { ids: meanings, weight: 1 }]).map(({ id, score }) => [id, score]));
  const placesByWords = new Map(words.map((id, place) => [id, place + 1]));
  const placesByMeaning = new Map(meanings.map((id, place) => [id, place + 1]));
  const similarities = new Map(near.map(({ id, similarity }) => [id, similarity]));
  const named = new Set(hits.filter((hit) => isNamedBy(query.text, hit)).map(({ id }) => id));
  const ordered = [...hits, ...onlyNear.map((product): SearchHit => ({ ...product, score: 0, matched: false }))]
    .map(({ id, signals, title, description, skus, matched }): RankedHit => ({
      ...{ id, signals, title, description, skus, matched },
      score: scores.get(id) ?? 0,
      byWords: placesByWords.get(id) ?? null,
      byMeaning: placesByMeaning.get(id) ?? null,
      similarity: similarities.get(id) ?? null,
      pinned: pinnedIds.has(id),
    }))
    .sort((a, b) => Number(named.has(b.id)) - Number(named.has(a.id)) || b.score - a.score || (a.id < b.id ? -1 : 1));
  const head = placePins(ordered, pins);

  const answer = { ...counted, didYouMean };
  const end = query.offset + query.size;
  const page = head.slice(query.offset, end);
  if (end <= head.length || hits.length < HEAD) return { ...answer, hits: page };
  // Behind the head: by words alone, without those that are in the head for another reason.
  const extra = new Set([...near.map(({ id }) => id), ...pinned]);
  const shown = hits.filter(({ id }) => !extra.has(id)).length;
  const from = Math.max(query.offset, head.length);
  const tail = await index.search({ ...query, facets: null, without: [...extra], offset: shown + from - head.length, size: end - from });
  return { ...answer, hits: [...page, ...tail.hits.map((hit, place) => unranked(hit, from + place))] };
}
