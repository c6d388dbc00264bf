import { CHANGE_STREAMS, type ChangeStream, type ProductSource, type SourceProduct } from '../../domain/search/product-source.ts';
import { contentChecksum, type SearchDocument } from '../../domain/search/search-document.ts';
import type { SearchIndex } from '../../domain/search/search-index.ts';

const EVENTS_AT_ONCE = 1_000;
const PRODUCTS_AT_ONCE = 200;

/** The document of a product that is to be found. */
export const toDocument = ({ id, content }: SourceProduct, version: number): SearchDocument | undefined =>
  content === null ? undefined : { id, version, checksum: contentChecksum(content), ...content };

/** Reads products and brings an index up to them. What is gone, or not to be found, is taken out. */
export async function indexProducts(source: ProductSource, index: SearchIndex, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += PRODUCTS_AT_ONCE) {
    const batch = ids.slice(start, start + PRODUCTS_AT_ONCE);
    // Before the reading: a change that comes during it is read again by whoever hears of it, with a higher number.
    const version = await source.nextVersion();
    const products = await source.byIds(batch);
    const documents = products.flatMap((product) => toDocument(product, version) ?? []);
    const kept = new Set(documents.map(({ id }) => id));
    await index.write(documents);
    const removed = batch.filter((id) => !kept.has(id)).map((id) => ({ id, version }));
    if (removed.length > 0) await index.remove(removed);
  }
}

/** Hands on what has changed behind where a follower was, and remembers where it is now. Tells how many changes there were. */
export async function followChanges(source: ProductSource, follower: string, stream: ChangeStream, handle: (productIds: readonly string[]) => Promise<void>): Promise<number> {
  const name = `${follower}/${stream}`;
  const { productIds, position, events } = await source.changes[stream](await source.cursor(name), EVENTS_AT_ONCE);
  if (events === 0) return 0;
  await handle(productIds);
  await source.advance(name, position);
  return events;
}

/**
 * Follows the catalog: what has changed is read anew and written, however often it changed meanwhile. Tells how many changes it has
 * seen; call it until there are none. Several may run at once: they do the same twice, and the later reading stays.
 */
export function createProductIndexer({ source, index }: { source: ProductSource; index: SearchIndex }): () => Promise<number> {
  return async () => {
    let changes = 0;
    for (const stream of CHANGE_STREAMS) changes += await followChanges(source, index.engine, stream, (ids) => indexProducts(source, index, ids));
    return changes;
  };
}
