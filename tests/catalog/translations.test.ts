import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { createProductSource } from '../../adapters/postgres/search/product-source.ts';
import { WHOLE_CATALOG } from '../../domain/catalog/audience.ts';
import type { Attribute } from '../../domain/catalog/attribute.ts';
import type { Category } from '../../domain/catalog/category.ts';
import { WHOLE_PRODUCT } from '../../domain/catalog/product-query.ts';
import type { Product } from '../../domain/catalog/product.ts';
import type { SearchContent } from '../../domain/search/search-document.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { TRADE_PRODUCTS } from '../../scripts/seed/demo-products.ts';
import { assertEventsValid, eventsOf } from '../support/events.ts';
import { startCatalog, type CatalogStack } from './catalog-stack.ts';

let demo: CatalogStack;

before(async () => {
  demo = await startCatalog();
});

after(async () => {
  await assertEventsValid(demo.database);
  await demo.close();
});

const product = async (handle: string): Promise<Product> => (await demo.catalog.product({ handle }, WHOLE_PRODUCT, { audience: WHOLE_CATALOG })) ?? assert.fail(handle);
const category = async (handle: string): Promise<Category> => (await demo.catalog.category(handle, null)) ?? assert.fail(handle);
const attribute = async (code: string): Promise<Attribute> => (await demo.catalog.attributes({ first: 100 })).items.find((each) => each.code === code) ?? assert.fail(code);
const content = async (handle: string): Promise<SearchContent> => (await createProductSource(demo.database, null).byIds([(await product(handle)).id]))[0]?.content ?? assert.fail(handle);

/** The products that work touches, each as often as it does. */
async function touchedBy(work: () => Promise<unknown>): Promise<string[]> {
  await demo.database.run(ephemeral('DELETE FROM search_changes'));
  await work();
  const rows = await demo.database.rows<{ handle: string }>(ephemeral('SELECT p.handle FROM search_changes s JOIN products p ON p.id = s.product_id ORDER BY p.handle'));
  return rows.map(({ handle }) => handle);
}

/** Those of a category and of the categories below it, or that bear an attribute. */
const having = async (condition: string, value: string): Promise<string[]> =>
  (await demo.database.rows<{ handle: string }>(ephemeral(`SELECT DISTINCT p.handle FROM products p ${condition} ORDER BY p.handle`), [value])).map(({ handle }) => handle);
const inCategory = (handle: string): Promise<string[]> =>
  having('JOIN product_categories x ON x.product_id = p.id JOIN categories c ON c.id = x.category_id LEFT JOIN categories above ON above.id = c.parent_id WHERE $1 IN (c.handle, above.handle)', handle);
const bearing = (code: string): Promise<string[]> => having('JOIN product_attribute_values x ON x.product_id = p.id JOIN attributes a ON a.id = x.attribute_id WHERE a.code = $1', code);

describe('who renames or translates', () => {
  it('a category touches its products and those of the categories below it, once', async () => {
    const { id } = await category('home');
    const expected = await inCategory('home');
    assert.ok(expected.length > (await inCategory('living')).length);
    assert.deepEqual(await touchedBy(() => demo.catalog.updateCategory({ id, name: 'House' })), expected);
    assert.deepEqual(await touchedBy(() => demo.catalog.setCategoryTranslations({ categoryId: id, translations: [{ locale: 'de', name: 'Haus' }] })), expected);
    assert.deepEqual(await touchedBy(() => demo.catalog.setCategoryTranslations({ categoryId: id, translations: [{ locale: 'de' }] })), expected);
    assert.deepEqual(await touchedBy(() => demo.catalog.updateCategory({ id, position: 7 })), [], 'what no index knows');
    const [, last] = (await eventsOf(demo.database, id)).slice(-2);
    assert.deepEqual([last?.type, last?.payload['name'], last?.payload['translations']], ['category.updated', 'House', []]);
  });

  it('an attribute touches the products that bear it, once', async () => {
    const { id } = await attribute('capacity');
    const expected = await bearing('capacity');
    assert.ok(expected.length > 1);
    assert.deepEqual(await touchedBy(() => demo.catalog.updateAttribute({ id, name: 'Volume' })), expected);
    assert.deepEqual(await touchedBy(() => demo.catalog.setAttributeTranslations({ attributeId: id, translations: [{ locale: 'de', name: 'Volumen' }] })), expected);
    assert.deepEqual(await touchedBy(() => demo.catalog.setAttributeTranslations({ attributeId: id, translations: [{ locale: 'de', name: 'Volumen' }] })), [], 'nothing has changed');
    assert.deepEqual(await touchedBy(() => demo.catalog.updateAttribute({ id, name: 'Volume' })), []);
    assert.deepEqual((await eventsOf(demo.database, id)).map(({ type }) => type), Array.from({ length: 4 }, () => 'attribute.updated'));
  });

  it('nothing else', async () => {
    const { id } = await product('enamel-mug');
    assert.deepEqual(await touchedBy(() => demo.catalog.setProductTranslations({ productId: id, translations: [{ locale: 'de', title: 'Becher' }] })), [], 'it has an event of its own');
  });
});

describe('a category', () => {
  it('is moved with those below it, and touches them', async () => {
    const [bags, outdoor] = [await category('bags'), await category('outdoor')];
    const expected = await inCategory('outdoor');
    assert.deepEqual(await touchedBy(() => demo.catalog.updateCategory({ id: outdoor.id, parent: 'bags' })), expected);
    assert.deepEqual((await category('camp')).parent?.parent?.id, bags.id);
    assert.equal((await demo.catalog.updateCategory({ id: outdoor.id, parent: null, description: 'Outside' })).parent, null);
  });

  it('is never above itself', async () => {
    const { id } = await category('coffee');
    for (const parent of ['coffee', 'cups', 'nowhere']) {
      await assert.rejects(demo.catalog.updateCategory({ id, parent }), (error: unknown) => error instanceof DomainError && error.code === 'INVALID_INPUT' && error.field === 'parent');
    }
    await assert.rejects(demo.catalog.updateCategory({ id: 'cat_1', name: 'X' }), { code: 'NOT_FOUND', field: 'id' });
  });

  it('is in no circle, though two are moved below each other at once', async () => {
    const [one, other] = [await category('stationery'), await category('apparel')];
    const moves = await Promise.allSettled([demo.catalog.updateCategory({ id: one.id, parent: 'apparel' }), demo.catalog.updateCategory({ id: other.id, parent: 'stationery' })]);
    assert.deepEqual(moves.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const roots = await demo.catalog.categories(null);
    assert.equal(roots.filter(({ handle }) => handle === 'stationery' || handle === 'apparel').length, 1);
  });
});

describe('what indexes are made of', () => {
  it('tells the channels and groups of a product; null: it has none', async () => {
    const [mug, crate] = [await content('enamel-mug'), await content(TRADE_PRODUCTS[0]?.handle ?? '')];
    const groups = await demo.database.rows<{ id: string }>(ephemeral("SELECT id FROM customer_groups WHERE code = 'trade'"));
    assert.deepEqual([mug.channelIds, mug.groupIds, crate.channelIds, crate.groupIds], [null, null, null, groups.map(({ id }) => id)]);
    const { id } = await product('enamel-mug');
    await demo.catalog.updateProduct({ id, channels: ['default'] });
    assert.deepEqual((await content('enamel-mug')).channelIds, [demo.channel.id]);
  });

  it('has the words of a product, its categories with those above them, and its attributes, in every locale that has any', async () => {
    const { title, description, translations, attributes } = await content('wool-blanket');
    const [german, ...others] = translations;
    assert.equal(others.length, 0);
    assert.equal(german?.locale, 'de');
    assert.equal(german.title, 'Wolldecke');
    assert.deepEqual(german.categories, [{ handle: 'camp', name: 'Camp' }, { handle: 'home', name: 'House' }, { handle: 'living', name: 'Living' }, { handle: 'outdoor', name: 'Draußen' }]);
    assert.deepEqual(german.attributes.map(({ code }) => code), attributes.map(({ code }) => code));
    const colour = german.attributes.find(({ code }) => code === 'color');
    assert.deepEqual([colour?.name, colour?.labels], ['Farbe', ['grau', 'senf', 'grün']]);
    assert.deepEqual([title, attributes.find(({ code }) => code === 'color')?.values], ['Wool Blanket', ['gray', 'mustard', 'green']]);
    assert.notEqual(german.description, description);
  });

  it('has a locale for the sake of a category or an attribute alone, in the catalog’s words but for theirs', async () => {
    const { title, description, translations } = await content('glass-tumblers');
    assert.deepEqual(translations.map((words) => [words.locale, words.title, words.description]), [['de', title, description]]);
    assert.deepEqual(translations[0]?.categories.map(({ name }) => name), ['Kaffee & Tee', 'Tassen & Becher', 'House', 'Kitchen']);
    assert.deepEqual((await content('brass-pen')).translations.map(({ attributes }) => attributes.find(({ code }) => code === 'material')?.labels), [['Messing']]);
  });

  it('has none where nothing that it bears is translated, and leaves options of variants as they are', async () => {
    const made = await demo.catalog.createProduct({
      handle: 'plain-sail',
      title: 'Plain Sail',
      status: 'active',
      attributes: [{ code: 'origin', value: 'constructor' }],
      options: [{ name: 'Material', values: ['linen'] }],
      variants: [{ sku: 'SAIL', selectedOptions: [{ name: 'Material', value: 'linen' }], prices: [] }],
    });
    assert.deepEqual((await content('plain-sail')).translations, []);
    assert.deepEqual(made.attributes[0]?.labels, ['constructor']);
    await demo.catalog.setProductTranslations({ productId: made.id, translations: [{ locale: 'de', description: 'Ein Segel' }] });
    const [german] = (await content('plain-sail')).translations;
    assert.deepEqual([german?.title, german?.description, german?.attributes.map(({ name, labels }) => [name, labels])], ['Plain Sail', 'Ein Segel', [['Made in', ['constructor']], ['Material', ['linen']]]]);
  });
});
