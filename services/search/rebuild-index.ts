import type { ProductSource } from '../../domain/search/product-source.ts';
import { CHANGE_STREAMS } from '../../domain/search/product-source.ts';
import { COMPARISON_BUCKETS, bucketOf, type RefusedDocument, type SearchIndex } from '../../domain/search/search-index.ts';
import type { SearchDocument } from '../../domain/search/search-document.ts';
import { freshReading, indexProducts, toDocument } from './index-products.ts';

const PRODUCTS_AT_ONCE = 500;
/** For so long whoever follows the catalog may take to write what has changed during a comparison. */
const FOLLOWED_WITHIN_MS = 15_000;
const LOOK_AGAIN_MS = 500;

/** How far the filling has come. */
export interface FillPosition {
  /** The last product that was written; null: none yet. */
  readonly after: string | null;
  readonly written: number;
  /** Documents that the engine did not take. */
  readonly refused: number;
  /** Why it did not take the last one. */
  readonly problem: string | null;
}

/** What a comparison has found. */
export interface Comparison {
  readonly documents: number;
  /** Products that were wrong and have been written anew: compare again. */
  readonly mended: number;
  /** Products that are not there, since the engine does not take them. */
  readonly refused: number;
  readonly problem: string | null;
}

/** What lets a long step end early, and wait. */
export interface Pacing {
  readonly mayGoOn: () => boolean;
  readonly pause: (ms: number) => Promise<void>;
}

/** The steps of building an index anew; each can be repeated. What needs an index that is not there any more raises IndexGoneError. */
export interface IndexRebuilder {
  /** How the engine's indexes are made here. */
  readonly definition: string;
  /** Makes the index that gets every write from now on; tells how many products there are. */
  begin(name: string): Promise<{ total: number }>;
  /** Fills it from a position on, until `mayGoOn` says no; `done` when there is nothing behind it. `onProgress` hears of each batch. */
  fill(name: string, from: FillPosition, options: Pacing & { onProgress: (position: FillPosition) => void; pauseMs: number }): Promise<FillPosition & { done: boolean }>;
  /** Compares it with the catalog and mends what is wrong. Null: `mayGoOn` said no. */
  compare(name: string, pacing: Pacing): Promise<Comparison | null>;
  /** The one that is searched; null: none yet. */
  active(): Promise<string | null>;
  /** It is searched from now on. */
  activate(name: string): Promise<void>;
  /** Gives it up, unless it is searched. */
  drop(name: string): Promise<void>;
  /** Drops what is neither searched, nor being built, nor the one to go back to. */
  tidy(keep: readonly string[]): Promise<void>;
}

const told = ({ id, reason }: RefusedDocument): string => `${id}: ${reason}`;

/** Builds it over a source and an index. */
export function createIndexRebuilder({ source, index }: { source: ProductSource; index: SearchIndex }): IndexRebuilder {
  const { rebuild } = index;

  /** Hands on every document of the catalog, in batches; false: it was ended early. */
  async function eachDocument(mayGoOn: () => boolean, handle: (document: SearchDocument) => void): Promise<boolean> {
    for (let after: string | null = null; ; ) {
      if (!mayGoOn()) return false;
      const products = await source.after(after, PRODUCTS_AT_ONCE);
      for (const product of products) {
        const document = toDocument(product, 0);
        if (document) handle(document);
      }
      const last = products.at(-1);
      if (products.length < PRODUCTS_AT_ONCE || !last) return true;
      after = last.id;
    }
  }

  /** Buckets whose sums are not those of the catalog: the whole of it is never in memory. */
  async function wrongBuckets(name: string, mayGoOn: () => boolean): Promise<{ documents: number; wrong: Set<number> } | null> {
    const wanted = Array.from({ length: COMPARISON_BUCKETS }, () => ({ count: 0, checksum: 0 }));
    const whole = await eachDocument(mayGoOn, ({ id, checksum }) => {
      const sum = wanted[bucketOf(id)];
      if (!sum) return;
      sum.count += 1;
      sum.checksum += checksum;
    });
    if (!whole) return null;
    const sums = new Map((await rebuild.sums(name)).map((sum) => [sum.bucket, sum]));
    const wrong = wanted.flatMap(({ count, checksum }, bucket) => ((sums.get(bucket)?.count ?? 0) === count && (sums.get(bucket)?.checksum ?? 0) === checksum ? [] : [bucket]));
    return { documents: wanted.reduce((sum, { count }) => sum + count, 0), wrong: new Set(wrong) };
  }

  /** Products of some buckets that are not in the index as they are in the catalog. */
  async function differing(name: string, buckets: ReadonlySet<number>, mayGoOn: () => boolean): Promise<string[] | null> {
    const wanted = new Map<string, number>();
    const whole = await eachDocument(mayGoOn, ({ id, checksum }) => {
      if (buckets.has(bucketOf(id))) wanted.set(id, checksum);
    });
    if (!whole) return null;
    const gone: string[] = [];
    for (const bucket of buckets) {
      for (const [id, checksum] of await rebuild.bucket(name, bucket)) {
        if (wanted.get(id) === checksum) wanted.delete(id);
        else if (!wanted.has(id)) gone.push(id);
      }
    }
    return [...wanted.keys(), ...gone];
  }

  /**
   * Those of `ids` that are still wrong: neither as in the catalog, nor from a reading that began after `since`. The latter are right,
   * however often they change: whoever wrote them had read them during this comparison.
   */
  async function stillWrong(name: string, ids: readonly string[], since: number): Promise<string[]> {
    const wrong: string[] = [];
    for (let start = 0; start < ids.length; start += PRODUCTS_AT_ONCE) {
      const batch = ids.slice(start, start + PRODUCTS_AT_ONCE);
      const wanted = new Map((await source.byIds(batch)).map((product) => [product.id, toDocument(product, 0)?.checksum]));
      const marks = await rebuild.marks(name, batch);
      wrong.push(...batch.filter((id) => wanted.get(id) !== marks.get(id)?.checksum && !((marks.get(id)?.version ?? 0) > since)));
    }
    return wrong;
  }

  return {
    definition: index.definition,

    async begin(name) {
      // Changes are followed from before the first reading on.
      for (const stream of CHANGE_STREAMS) await source.place(index.engine, stream);
      await rebuild.begin(name);
      return { total: await source.count() };
    },

    async fill(name, from, { mayGoOn, onProgress, pauseMs, pause }) {
      const reading = (after: string | null) => freshReading(source, () => source.after(after, PRODUCTS_AT_ONCE));
      let at = from;
      let ahead: ReturnType<typeof reading> | undefined;
      while (mayGoOn()) {
        const { version, read, fresh } = await (ahead ?? reading(at.after));
        const next = read.length === PRODUCTS_AT_ONCE ? read.at(-1)?.id : undefined;
        // The next batch is read while this one is written; not before a pause, in which it would become old.
        ahead = next === undefined || pauseMs > 0 ? undefined : reading(next);
        // When this one fails, nobody asks for it.
        ahead?.catch(() => undefined);
        const documents = read.flatMap((product) => toDocument(product, version) ?? []);
        const refused = await fresh(() => rebuild.fill(name, documents));
        const [last] = refused.slice(-1);
        at = {
          after: read.at(-1)?.id ?? at.after,
          written: at.written + documents.length - refused.length,
          refused: at.refused + refused.length,
          problem: last ? told(last) : at.problem,
        };
        onProgress(at);
        if (next === undefined) return { ...at, done: true };
        if (pauseMs > 0 && mayGoOn()) await pause(pauseMs);
      }
      return { ...at, done: false };
    },

    async compare(name, { mayGoOn, pause }) {
      const since = await source.nextVersion();
      await index.refresh();
      const compared = await wrongBuckets(name, mayGoOn);
      if (!compared) return null;
      const { documents, wrong } = compared;
      let ids = wrong.size === 0 ? [] : await differing(name, wrong, mayGoOn);
      if (ids === null) return null;
      ids = await stillWrong(name, ids, since);
      // What has changed meanwhile is written by whoever follows the catalog: what is wrong when he has nothing left to do stays wrong.
      for (const begun = Date.now(); ids.length > 0 && Date.now() - begun < FOLLOWED_WITHIN_MS; ) {
        if (!mayGoOn()) return null;
        const { changes } = await source.lag(index.engine, 1);
        ids = await stillWrong(name, ids, since);
        if (changes === 0) break;
        await pause(LOOK_AGAIN_MS);
      }
      const refused = await indexProducts(source, index, ids);
      const [first] = refused;
      return { documents, mended: ids.length - refused.length, refused: refused.length, problem: first ? told(first) : null };
    },

    active: () => rebuild.active(),
    async activate(name) {
      await rebuild.activate(name);
    },
    drop: (name) => rebuild.drop(name),
    async tidy(keep) {
      for (const { name, active } of await rebuild.list()) if (!active && !keep.includes(name)) await rebuild.drop(name);
    },
  };
}
