import { CHANGE_STREAMS, type ChangeStream, type ProductSource, type SourceProduct } from '../../domain/search/product-source.ts';
import { contentChecksum, type SearchDocument } from '../../domain/search/search-document.ts';
import { SearchUnavailableError, type RefusedDocument, type SearchIndex } from '../../domain/search/search-index.ts';

const EVENTS_AT_ONCE = 1_000;
const PRODUCTS_AT_ONCE = 200;
/** Of changes that were handled while transactions before them were under way; what is forgotten is only handled twice. */
const EARLY_KNOWN = 4_000;
/**
 * What was read so long ago is not written: an engine knows only for an hour (`gc_deletes`) that a product was taken out later, and no
 * longer at all once it has been restarted.
 */
const STALE_AFTER_MS = 60_000;

/** The document of a product that is to be found. */
export const toDocument = ({ id, content }: SourceProduct, version: number): SearchDocument | undefined =>
  content === null ? undefined : { id, version, checksum: contentChecksum(content), ...content };

/** Reads under a version that is drawn before. What comes of it is to be written through `fresh`, which raises SearchUnavailableError when it has become old. */
export async function freshReading<Read>(source: ProductSource, read: () => Promise<Read>): Promise<{ version: number; read: Read; fresh: <T>(write: () => Promise<T>) => Promise<T> }> {
  // Before the reading: a change that comes during it is read again by whoever hears of it, with a higher number.
  const begun = performance.now();
  const version = await source.nextVersion();
  return {
    version,
    read: await read(),
    async fresh(write) {
      if (performance.now() - begun > STALE_AFTER_MS) throw new SearchUnavailableError('What was read has become old: it is read again');
      return write();
    },
  };
}

/** Reads products and brings an index up to them. What is gone, or not to be found, is taken out. Tells what the engine has refused. */
export async function indexProducts(source: ProductSource, index: SearchIndex, ids: readonly string[]): Promise<RefusedDocument[]> {
  const refused: RefusedDocument[] = [];
  for (let start = 0; start < ids.length; start += PRODUCTS_AT_ONCE) {
    const batch = ids.slice(start, start + PRODUCTS_AT_ONCE);
    const { version, read, fresh } = await freshReading(source, () => source.byIds(batch));
    const documents = read.flatMap((product) => toDocument(product, version) ?? []);
    const kept = new Set(documents.map(({ id }) => id));
    refused.push(...(await fresh(() => index.write(documents))));
    const removed = batch.filter((id) => !kept.has(id)).map((id) => ({ id, version }));
    if (removed.length > 0) await fresh(() => index.remove(removed));
  }
  return refused;
}

/** Hands on what has changed behind where a follower was, and remembers where it is now. Tells how many changes there were. */
export async function followChanges(source: ProductSource, follower: string, stream: ChangeStream, handle: (productIds: readonly string[]) => Promise<void>): Promise<number> {
  const { productIds, place, events } = await source.changes(stream, await source.place(follower, stream), EVENTS_AT_ONCE);
  if (events === 0) return 0;
  await handle(productIds);
  await source.advance(follower, stream, place, productIds);
  return events;
}

/**
 * Follows the catalog: what has changed is read anew and written, however often it changed meanwhile. Tells how many changes it has
 * seen; call it until there are none. Several may run at once: they do the same twice, and the later reading stays. A document that the
 * engine refuses holds nothing up: `onRefused` hears of it, and `onIndexed` how many products were read and written.
 */
export function createProductIndexer(deps: { source: ProductSource; index: SearchIndex; onRefused: (refused: readonly RefusedDocument[]) => void; onIndexed: (products: number) => void }): () => Promise<number> {
  const { source, index, onRefused, onIndexed } = deps;
  const early: Record<ChangeStream, readonly number[]> = { told: [], touched: [] };

  async function handle(productIds: readonly string[]): Promise<void> {
    const refused = await indexProducts(source, index, productIds);
    if (productIds.length > 0) onIndexed(productIds.length);
    if (refused.length > 0) onRefused(refused);
  }

  return async () => {
    let changes = 0;
    for (const stream of CHANGE_STREAMS) {
      const settled = await followChanges(source, index.engine, stream, handle);
      changes += settled;
      if (settled > 0) continue;
      // A long transaction elsewhere must not hide what was committed since it began: that is done now, and once more in its turn.
      const { productIds, positions } = await source.early(stream, early[stream], EVENTS_AT_ONCE);
      await handle(productIds);
      early[stream] = [...early[stream], ...positions].slice(-EARLY_KNOWN);
    }
    return changes;
  };
}
