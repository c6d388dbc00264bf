import type { Audience } from '../catalog/audience.ts';
import { foldText } from './fold-words.ts';
import type { SearchDocument } from './search-document.ts';
import type { Ranking, RankingSignal, RankingTarget } from './ranking.ts';
import type { IndexQuery, SearchFilter } from './search-query.ts';

/** A product that was found. */
export interface SearchHit {
  readonly id: string;
  /** Higher is better; comparable within one answer only. */
  readonly score: number;
  /** Found by its words; false: by `IndexQuery.also` alone. */
  readonly matched: boolean;
  readonly signals: Readonly<Record<RankingSignal, number>>;
  readonly title: string;
  readonly description: string;
  readonly skus: readonly string[];
}

/** Whether somebody who types this text means just this product: case and accents do not count. */
export function isNamedBy(text: string, { title, skus }: Pick<SearchDocument, 'title' | 'skus'>): boolean {
  const typed = foldText(text);
  return [title, ...skus].some((name) => foldText(name) === typed);
}

/** How many of the found products have a value. A facet's counts leave out its own filter: they tell what choosing another would bring. */
export interface SearchFacets {
  readonly categories: readonly FacetValue[];
  readonly attributes: readonly { readonly code: string; readonly name: string; readonly values: readonly FacetValue[] }[];
  /** Minor units of the query's currency; null: nothing found has a price in it. */
  readonly price: { readonly min: number; readonly max: number } | null;
  readonly inStock: number;
}

/** Nothing was counted, or there was nothing to count. */
export const NO_FACETS: SearchFacets = { categories: [], attributes: [], price: null, inStock: 0 };

export interface FacetValue {
  readonly value: string;
  /** As it is shown. */
  readonly label: string;
  readonly count: number;
}

export interface SearchAnswer {
  readonly hits: readonly SearchHit[];
  readonly total: number;
  readonly facets: SearchFacets;
  /** What may have been meant, when nothing or next to nothing was found. */
  readonly didYouMean: string | null;
}

/** A product whose meaning is near. */
export interface NearProduct extends Pick<SearchHit, 'id' | 'signals' | 'title' | 'description' | 'skus'> {
  /** Cosine, −1 to 1. */
  readonly similarity: number;
  /** What merchandisers have it multiplied by. */
  readonly factor: number;
}

/** What must hold for products that are near. */
export interface NearQuery {
  readonly model: string;
  readonly vector: Int8Array;
  readonly size: number;
  readonly least: number;
  readonly filters: readonly SearchFilter[];
  readonly currency: string;
  readonly audience: Audience;
  readonly ranking: Ranking;
}

/** How an index stands against the catalog: sums over documents whose ids fall into one of `COMPARISON_BUCKETS`. */
export interface BucketSum {
  readonly bucket: number;
  readonly count: number;
  readonly checksum: number;
}

/** A bucket has few enough documents to be compared one by one. */
export const COMPARISON_BUCKETS = 256;

/** Which bucket a document is in: by the end of its id, which is random. */
export function bucketOf(id: string): number {
  let hash = 0;
  for (let index = Math.max(0, id.length - 8); index < id.length; index += 1) hash = (hash * 31 + id.charCodeAt(index)) >>> 0;
  return hash % COMPARISON_BUCKETS;
}

/**
 * Documents that are searched through one name (the alias), in one index or, while it is rebuilt, written to two.
 * Every call has a time-out; what fails raises SearchUnavailableError.
 */
export interface SearchIndex {
  readonly engine: 'elasticsearch' | 'postgres';
  /** Of how indexes are made now: one that was made otherwise should be rebuilt. */
  readonly definition: string;
  search(query: IndexQuery): Promise<SearchAnswer>;
  /** The nearest first. None when the index has no vectors of the model. */
  nearest(query: NearQuery): Promise<readonly NearProduct[]>;
  /** The vector of a product; undefined: it is not there, or has none of the model. */
  vectorOf(id: string, model: string): Promise<Int8Array | undefined>;
  /** Completions of what was typed, most wanted first: words and titles, but not of what is hidden. */
  suggest(prefix: string, limit: number, audience: Audience, hidden?: readonly RankingTarget[]): Promise<readonly string[]>;
  /** Writes into the index that is searched, and into the one that is being built; older readings change nothing. Tells what was refused: all else is written. */
  write(documents: readonly SearchDocument[]): Promise<readonly RefusedDocument[]>;
  remove(removed: readonly { readonly id: string; readonly version: number }[]): Promise<void>;
  /** Waits until everything that was written can be found. */
  refresh(): Promise<void>;
  readonly rebuild: SearchRebuild;
}

/** A document that an engine cannot take, now or later. */
export interface RefusedDocument {
  readonly id: string;
  readonly reason: string;
}

/** What is known of a document without reading it. */
export interface DocumentMark {
  readonly checksum: number;
  readonly version: number;
}

export interface IndexListing {
  readonly name: string;
  readonly documents: number;
  readonly active: boolean;
  /** It is not complete yet: it gets every write, and nobody searches it. */
  readonly building: boolean;
  /** Made as indexes are made now. */
  readonly current: boolean;
}

/** Building an index anew behind the one that is searched. What needs an index that is not there raises IndexGoneError. */
export interface SearchRebuild {
  /** Makes an empty index of this name that gets all writes from now on; one that is there already is gone on with. */
  begin(name: string): Promise<void>;
  /** Writes into that index only. Tells what was refused: all else is written. */
  fill(name: string, documents: readonly SearchDocument[]): Promise<readonly RefusedDocument[]>;
  sums(name: string): Promise<readonly BucketSum[]>;
  /** Ids and checksums of one bucket. */
  bucket(name: string, bucket: number): Promise<ReadonlyMap<string, number>>;
  /** Of those documents that are there, as they were written last; it does not wait for a refresh. */
  marks(name: string, ids: readonly string[]): Promise<ReadonlyMap<string, DocumentMark>>;
  /** From now on this index is searched; tells the one that was. */
  activate(name: string): Promise<string | null>;
  /** The one that is searched; null: none yet. */
  active(): Promise<string | null>;
  /** Gives up an index that is not searched. */
  drop(name: string): Promise<void>;
  /** All there are, oldest first. */
  list(): Promise<readonly IndexListing[]>;
}

/** The engine does not answer, or not in time: another may. */
export class SearchUnavailableError extends Error {}

/** The index was taken away by somebody. */
export class IndexGoneError extends Error {}

/** The engine does not do what it is asked, now or later: it is asked for something wrong. */
export class SearchRefusedError extends Error {}
