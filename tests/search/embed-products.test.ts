import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createHashEmbedder } from '../../adapters/embeddings/hash-embedder.ts';
import { ephemeral, openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createEmbeddingStore } from '../../adapters/postgres/search/embeddings.ts';
import { createProductSource } from '../../adapters/postgres/search/product-source.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import { dot, EmbeddingUnavailableError, type Embedder } from '../../domain/search/embedding.ts';
import { EVENT_EXAMPLES } from '../../domain/webhooks/event-examples.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { createProductEmbedder } from '../../services/search/embed-products.ts';
import { fillStore } from '../support/demo-catalog.ts';
import { startTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitFor } from '../support/wait-for.ts';

const newId = createIdGenerator();
const hash = createHashEmbedder();
const PRODUCTS = 40;

describe('meanings of products', () => {
  let test: TestDatabase;
  let database: Database;
  /** Texts that were read, in their order. */
  const texts: string[] = [];
  let failure: Error | undefined;
  let clock = 0;
  const failures: unknown[] = [];
  const embedder: Embedder = {
    ...hash,
    async embed(given, kind) {
      assert.ok(given.length <= 32, 'few at once');
      assert.equal(kind, 'passage');
      if (failure) throw failure;
      texts.push(...given);
      return hash.embed(given, kind);
    },
  };

  const rows = <Row>(text: string, ...values: unknown[]): Promise<Row[]> => database.rows<Row>(ephemeral(text), values);
  const embedderOf = (holder: string, model = hash.model): (() => Promise<number>) =>
    createProductEmbedder({
      source: createProductSource(database, model),
      store: createEmbeddingStore(database),
      embedder: { ...embedder, model },
      holder,
      now: () => clock,
      onFailure: (error) => failures.push(error),
      onRefused: () => assert.fail('nothing is refused'),
    });
  const count = async (model = hash.model): Promise<number> => (await rows<{ count: number }>('SELECT count(*)::int AS count FROM product_embeddings WHERE model = $1', model))[0]?.count ?? 0;
  const idOf = async (handle: string): Promise<string> => (await rows<{ id: string }>('SELECT id FROM products WHERE handle = $1', handle))[0]?.id ?? '';
  const hashOf = async (id: string): Promise<string | undefined> => (await rows<{ hash: string }>("SELECT encode(text_hash, 'hex') AS hash FROM product_embeddings WHERE product_id = $1 AND model = $2", id, hash.model))[0]?.hash;
  const touched = async (id: string): Promise<number> => (await rows<{ count: number }>('SELECT count(*)::int AS count FROM search_changes WHERE product_id = $1', id))[0]?.count ?? 0;

  /** Changes a product as its service would: with an event. */
  async function change(id: string, statement: string): Promise<void> {
    await rows(statement, id);
    await createUnitOfWork(database).transaction((stores) => stores.outbox.append({ id: newId('event'), type: 'product.updated', aggregateId: id, payload: EVENT_EXAMPLES['product.updated'] }));
  }
  /** Calls it until so many texts were read and there is nothing more: transactions of other databases of the server may hold changes up for a while. */
  const until = (batch: () => Promise<number>, read: number, what: string): Promise<true> => waitFor(async () => (await batch()) === 0 && texts.length >= read, { what });

  before(async () => {
    test = await startTestDatabase();
    database = openDatabase({ url: test.url, poolSize: 4 });
    await fillStore(database, Array.from({ length: PRODUCTS }, (_, index) => ({ sku: `MUG-${index}`, price: 1_000, stock: 5 })));
  });
  after(async () => {
    await database.close();
    await test.close();
  });

  it('are left for later when the embedder fails, which is let alone for longer and longer', async () => {
    const batch = embedderOf('one');
    failure = new EmbeddingUnavailableError('refused', 'The key is wrong');
    assert.deepEqual([await batch(), await batch(), failures.length], [0, 0, 1], 'asked again at once it does nothing');
    clock += 2_000;
    await batch();
    clock += 3_999;
    await batch();
    assert.equal(failures.length, 2);
    clock += 1;
    await batch();
    assert.deepEqual([failures.length, failures[0], await count()], [3, failure, 0]);
    failure = new Error('A mistake of ours');
    clock += 8_000;
    await assert.rejects(batch(), failure, 'what is no failure of the embedder is not passed over');
    failure = undefined;
    clock += 1_000_000;
    assert.equal(await batch(), 32);
    assert.deepEqual([await count(), texts.length], [32, 32]);
  });

  it('are reckoned for each product that has none, once', async () => {
    await until(embedderOf('one'), PRODUCTS, 'all products to have a meaning');
    assert.deepEqual([await count(), texts.length], [PRODUCTS, PRODUCTS]);
    const [row] = await rows<{ vector: Buffer }>('SELECT vector FROM product_embeddings WHERE product_id = $1', await idOf('mug-7'));
    const [stored, [query = new Float32Array()]] = [Float32Array.from(new Int8Array(row?.vector ?? Buffer.alloc(0))), await hash.embed(['MUG-7'], 'query')];
    assert.ok(dot(stored, query) / Math.sqrt(dot(stored, stored)) > 0.95);
    assert.ok((await touched(await idOf('mug-7'))) > 0, 'its document is written again');
  });

  it('are reckoned again for what is called or described otherwise, and for nothing else', async () => {
    texts.length = 0;
    const batch = embedderOf('one');
    const [titled, priced, stocked] = [await idOf('mug-1'), await idOf('mug-2'), await idOf('mug-3')];
    const [before, marks] = [await hashOf(titled), await touched(priced)];
    await change(priced, 'UPDATE prices SET amount = 4200 WHERE variant_id IN (SELECT id FROM variants WHERE product_id = $1)');
    await change(stocked, 'UPDATE stock_levels SET on_hand = on_hand + 1 WHERE inventory_item_id IN (SELECT i.inventory_item_id FROM variant_inventory_items i JOIN variants v ON v.id = i.variant_id WHERE v.product_id = $1)');
    // The last of the changes: when it has been followed, they all have.
    await change(titled, "UPDATE products SET title = 'Travel Mug' WHERE id = $1");
    await until(batch, 1, 'the changes to be followed');
    assert.deepEqual(texts, ['Travel Mug']);
    assert.notEqual(await hashOf(titled), before);
    assert.equal(await touched(priced), marks);
    await change(titled, "UPDATE products SET description = 'For the train' WHERE id = $1");
    await change(titled, "UPDATE products SET description = 'Keeps tea hot on the train' WHERE id = $1");
    await until(batch, 2, 'the description to be followed');
    assert.equal(texts.at(-1), 'Travel Mug. Keeps tea hot on the train');
  });

  it('are kept for what a failure has interrupted', async () => {
    texts.length = 0;
    const batch = embedderOf('one');
    const id = await idOf('mug-4');
    await change(id, "UPDATE products SET title = 'Espresso Cup' WHERE id = $1");
    failure = new EmbeddingUnavailableError('overloaded', 'Later');
    const known = failures.length;
    await waitFor(async () => ((await batch()), failures.length > known), { what: 'the change to be tried' });
    failure = undefined;
    clock += 2_000;
    await until(batch, 1, 'the change to be followed at last');
    assert.deepEqual(texts, ['Espresso Cup']);
  });

  it('are reckoned by one of several workers, and by another when it is gone', async () => {
    texts.length = 0;
    await rows('DELETE FROM product_embeddings');
    await rows('DELETE FROM search_leases');
    const [one, other] = [embedderOf('one'), embedderOf('other')];
    assert.equal(await one(), 32);
    assert.deepEqual([await other(), await one()], [0, PRODUCTS - 32]);
    assert.equal(texts.length, PRODUCTS);
    await rows('DELETE FROM product_embeddings');
    await rows("UPDATE search_leases SET until = now() - interval '1 second'");
    assert.equal(await other(), 32);
    assert.equal(await one(), 0, 'it has lost the lease');
  });

  it('are reckoned beside those of another model, for products on sale', async () => {
    texts.length = 0;
    await rows('DELETE FROM search_leases');
    await rows("UPDATE products SET status = 'archived' WHERE id = $1", await idOf('mug-5'));
    const batch = embedderOf('one', 'another-model');
    const known = await count();
    await waitFor(async () => ((await batch()), (await count('another-model')) === PRODUCTS - 1), { what: 'the meanings of the other model' });
    assert.equal(await count(), known);
    assert.equal(texts.length, PRODUCTS - 1);
  });

  it('are nothing for a product without a word', async () => {
    texts.length = 0;
    await rows('DELETE FROM search_leases');
    const id = await idOf('mug-6');
    await change(id, "UPDATE products SET title = '… !?' WHERE id = $1");
    await waitFor(async () => ((await embedderOf('one')()), texts.includes('… !?')), { what: 'the product without a word' });
    const [row] = await rows<{ length: number }>('SELECT length(vector) AS length FROM product_embeddings WHERE product_id = $1 AND model = $2', id, hash.model);
    assert.equal(row?.length, 0);
    const [product] = await createProductSource(database, hash.model).byIds([id]);
    assert.equal(product?.content?.vector, null);
  });
});
