import type { ProductSource } from '../../domain/search/product-source.ts';
import { COMPARISON_BUCKETS, bucketOf, type SearchIndex } from '../../domain/search/search-index.ts';
import type { SearchDocument } from '../../domain/search/search-document.ts';
import { indexProducts, toDocument } from './index-products.ts';

const PRODUCTS_AT_ONCE = 500;

/** How far the filling has come. */
export interface FillPosition {
  /** The last product that was written; null: none yet. */
  readonly after: string | null;
  readonly written: number;
}

/** What a comparison has found. */
export interface Comparison {
  readonly documents: number;
  /** Products that were wrong and have been written anew: compare again. */
  readonly mended: number;
}

/** The steps of building an index anew; each can be repeated. */
export interface IndexRebuilder {
  /** Makes the index that gets every write from now on; tells how many products there are. */
  begin(name: string): Promise<{ total: number }>;
  /** Fills it from a position on, until `mayGoOn` says no; `done` when there is nothing behind it. `onProgress` hears of each batch. */
  fill(name: string, from: FillPosition, options: { mayGoOn: () => boolean; onProgress: (position: FillPosition) => void; pauseMs: number; pause: (ms: number) => Promise<void> }): Promise<FillPosition & { done: boolean }>;
  /** Compares it with the catalog and mends what is wrong. */
  compare(name: string): Promise<Comparison>;
  /** It is searched from now on; tells the one that was. */
  activate(name: string): Promise<string | null>;
  /** Gives it up, unless it is searched. */
  drop(name: string): Promise<void>;
  /** Drops what is neither searched, nor being built, nor the one to go back to. */
  tidy(keep: readonly string[]): Promise<void>;
}

/** Builds it over a source and an index. */
export function createIndexRebuilder({ source, index }: { source: ProductSource; index: SearchIndex }): IndexRebuilder {
  const { rebuild } = index;

  /** Hands on every document of the catalog, in batches. */
  async function eachDocument(handle: (document: SearchDocument) => void): Promise<void> {
    for (let after: string | null = null; ; ) {
      const products = await source.after(after, PRODUCTS_AT_ONCE);
      for (const product of products) {
        const document = toDocument(product, 0);
        if (document) handle(document);
      }
      const last = products.at(-1);
      if (products.length < PRODUCTS_AT_ONCE || !last) return;
      after = last.id;
    }
  }

  /** Products of some buckets that are not in the index as they are in the catalog. */
  async function differing(name: string, buckets: ReadonlySet<number>): Promise<string[]> {
    const wanted = new Map<string, number>();
    await eachDocument(({ id, checksum }) => {
      if (buckets.has(bucketOf(id))) wanted.set(id, checksum);
    });
    const present = new Map<string, number>();
    for (const bucket of buckets) for (const [id, checksum] of await rebuild.bucket(name, bucket)) present.set(id, checksum);
    return [...new Set([...wanted.keys(), ...present.keys()])].filter((id) => wanted.get(id) !== present.get(id));
  }

  return {
    async begin(name) {
      await rebuild.begin(name);
      return { total: await source.count() };
    },

    async fill(name, from, { mayGoOn, onProgress, pauseMs, pause }) {
      let { after, written } = from;
      while (mayGoOn()) {
        const version = await source.nextVersion();
        const products = await source.after(after, PRODUCTS_AT_ONCE);
        const documents = products.flatMap((product) => toDocument(product, version) ?? []);
        await rebuild.fill(name, documents);
        written += documents.length;
        after = products.at(-1)?.id ?? after;
        onProgress({ after, written });
        if (products.length < PRODUCTS_AT_ONCE) return { after, written, done: true };
        if (pauseMs > 0) await pause(pauseMs);
      }
      return { after, written, done: false };
    },

    async compare(name) {
      await index.refresh();
      // A sum for each bucket first: the whole catalog is never in memory.
      const wanted = Array.from({ length: COMPARISON_BUCKETS }, () => ({ count: 0, checksum: 0 }));
      await eachDocument(({ id, checksum }) => {
        const sum = wanted[bucketOf(id)];
        if (!sum) return;
        sum.count += 1;
        sum.checksum += checksum;
      });
      const sums = new Map((await rebuild.sums(name)).map((sum) => [sum.bucket, sum]));
      const wrong = wanted.flatMap(({ count, checksum }, bucket) => ((sums.get(bucket)?.count ?? 0) === count && (sums.get(bucket)?.checksum ?? 0) === checksum ? [] : [bucket]));
      const ids = wrong.length === 0 ? [] : await differing(name, new Set(wrong));
      await indexProducts(source, index, ids);
      return { documents: wanted.reduce((sum, { count }) => sum + count, 0), mended: ids.length };
    },

    activate: (name) => rebuild.activate(name),
    drop: (name) => rebuild.drop(name),
    async tidy(keep) {
      for (const { name, active } of await rebuild.list()) if (!active && !keep.includes(name)) await rebuild.drop(name);
    },
  };
}
