import { strengthOf } from '../../domain/search/ranking.ts';
import { fuseRanks } from '../../domain/search/fuse-ranks.ts';
import { isNamedBy, type SearchAnswer, type SearchHit, type SearchIndex } from '../../domain/search/search-index.ts';
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

/**
 * Searches by words and by meaning, fuses both rankings, and places the pins. A product that is named stays before all others. Facets
 * and the total count all that is found either way. Other orders than by relevance, and queries with nothing to fuse or place, are left to the engine.
 */
export async function rankProducts(index: Pick<SearchIndex, 'search' | 'nearest'>, query: IndexQuery, { meaning, pins }: { meaning: Meaning | undefined; pins: readonly Pin[] }): Promise<RankedAnswer> {
  const { filters, currency, audience, ranking } = query;
  const found = meaning === undefined ? [] : await index.nearest({ ...meaning, size: NEAR, filters, currency, audience, ranking });
  const near = found.filter(({ similarity }) => similarity >= NEAR_ENOUGH * (found[0]?.similarity ?? 0));
  const also = [...new Set([...near.map(({ id }) => id), ...pins.map(({ productId }) => productId)])];
  if (also.length === 0 || query.sort !== 'relevance') {
    const { hits, ...answer } = await index.search({ ...query, also });
    return { ...answer, hits: hits.map((hit, place) => unranked(hit, query.offset + place)) };
  }

  const pinnedIds = new Set(pins.map(({ productId }) => productId));
  // What is pinned is in the head, if it meets the filters.
  const { hits, ...answer } = await index.search({ ...query, also, first: [...pinnedIds], offset: 0, size: HEAD });
  const words = hits.filter(({ id, matched }) => matched && !pinnedIds.has(id)).map(({ id }) => id);
  // What speaks for a product beside its meaning is in the engine's order already, and here beside the similarity.
  const meanings = near.map((product) => ({ id: product.id, score: product.similarity * strengthOf(product.signals, ranking.weights) * product.factor })).sort((a, b) => b.score - a.score).map(({ id }) => id);
  const scores = new Map(fuseRanks([{ ids: words, weight: WORDS_WEIGHT }, { ids: meanings, weight: 1 }]).map(({ id, score }) => [id, score]));
  const byWords = new Map(words.map((id, place) => [id, place + 1]));
  const byMeaning = new Map(meanings.map((id, place) => [id, place + 1]));
  const similarities = new Map(near.map(({ id, similarity }) => [id, similarity]));
  const shownIds = new Set(hits.map(({ id }) => id));
  // Where more than the head is found by words, those that are only near are not among them.
  const onlyNear = near.filter(({ id }) => !shownIds.has(id)).map(({ id, signals }): SearchHit => ({ id, score: 0, matched: false, signals, title: '', description: '', skus: [] }));
  const named = new Set(hits.filter((hit) => isNamedBy(query.text, hit)).map(({ id }) => id));
  const ordered = [...hits, ...onlyNear]
    .map((hit): RankedHit => ({
      ...hit,
      score: scores.get(hit.id) ?? 0,
      byWords: byWords.get(hit.id) ?? null,
      byMeaning: byMeaning.get(hit.id) ?? null,
      similarity: similarities.get(hit.id) ?? null,
      pinned: pinnedIds.has(hit.id),
    }))
    .sort((a, b) => Number(named.has(b.id)) - Number(named.has(a.id)) || b.score - a.score || (a.id < b.id ? -1 : 1));
  const head = placePins(ordered, pins);

  const end = query.offset + query.size;
  const page = head.slice(query.offset, end);
  if (end <= head.length || hits.length < HEAD) return { ...answer, hits: page };
  // Behind the head: by words alone, without those that are in the head for another reason.
  const extra = new Set(also);
  const shown = hits.filter(({ id }) => !extra.has(id)).length;
  const from = Math.max(query.offset, head.length);
  const tail = await index.search({ ...query, facets: null, without: also, offset: shown + from - head.length, size: end - from });
  return { ...answer, hits: [...page, ...tail.hits.map((hit, place) => unranked(hit, from + place))] };
}
