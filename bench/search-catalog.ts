import type { Embedder } from '../domain/search/embedding.ts';
import { quantize } from '../domain/search/embedding.ts';
import { embeddedText } from '../domain/search/embedded-text.ts';
import { ephemeral, type Database } from '../adapters/postgres/database.ts';
import { createIdGenerator } from '../platform/ids.ts';
import { random } from './statistics.ts';

/** What titles, descriptions and queries are put together from: by category what is sold, and what it is for. */
export const GOODS: Readonly<Record<string, { readonly nouns: readonly string[]; readonly uses: readonly string[] }>> = {
  kitchen: { nouns: ['kettle', 'frying pan', 'chopping board', 'coffee grinder', 'teapot', 'bread knife', 'mixing bowl', 'casserole'], uses: ['slow sunday breakfasts', 'baking sourdough', 'brewing green tea', 'feeding a crowd'] },
  outdoor: { nouns: ['tent', 'sleeping bag', 'headlamp', 'rucksack', 'camping stove', 'trekking pole', 'water bottle', 'hammock'], uses: ['alpine weekends', 'nights below freezing', 'long walks in the rain', 'bikepacking'] },
  clothing: { nouns: ['rain jacket', 'wool jumper', 'linen shirt', 'denim jeans', 'running tights', 'cardigan', 'overcoat', 'scarf'], uses: ['cold commutes', 'summer evenings', 'marathon training', 'layering in winter'] },
  office: { nouns: ['desk lamp', 'notebook', 'fountain pen', 'standing desk', 'office chair', 'monitor arm', 'pencil case', 'paper tray'], uses: ['working from home', 'neat handwriting', 'a tidy desk', 'long meetings'] },
  garden: { nouns: ['watering can', 'pruning shears', 'plant pot', 'garden hose', 'lawn rake', 'bird feeder', 'seed tray', 'wheelbarrow'], uses: ['growing tomatoes', 'balcony herbs', 'autumn leaves', 'hungry robins'] },
  toys: { nouns: ['wooden train', 'puzzle', 'kite', 'doll house', 'building blocks', 'board game', 'teddy bear', 'spinning top'], uses: ['rainy afternoons', 'small hands', 'family evenings', 'windy beaches'] },
  sports: { nouns: ['yoga mat', 'kettlebell', 'tennis racket', 'football', 'skipping rope', 'swimming goggles', 'climbing chalk', 'bicycle pump'], uses: ['morning stretches', 'strength at home', 'open water', 'punctures far from home'] },
  audio: { nouns: ['headphones', 'bluetooth speaker', 'turntable', 'microphone', 'guitar strings', 'metronome', 'earbuds', 'amplifier'], uses: ['noisy trains', 'garden parties', 'recording podcasts', 'practising scales'] },
};
export const ADJECTIVES = ['compact', 'sturdy', 'featherlight', 'classic', 'foldable', 'insulated', 'handmade', 'waterproof', 'quiet', 'vintage', 'professional', 'everyday'];
export const MATERIALS = ['steel', 'bamboo', 'cotton', 'leather', 'aluminium', 'recycled', 'walnut', 'ceramic', 'merino', 'titanium'];
export const COLOURS = ['black', 'white', 'red', 'blue', 'green', 'yellow', 'grey', 'orange'];
export const BRANDS = Array.from({ length: 60 }, (_, index) => `${['Nord', 'Alta', 'Vela', 'Kuro', 'Mira', 'Tarn'][index % 6]}${['wick', 'field', 'dale', 'mont', 'stad', 'heim', 'holm', 'burg', 'ford', 'lund'][Math.floor(index / 6)]}`);

const PRODUCTS_AT_ONCE = 2_000;
/** Vectors are the model's of so many texts, each product's with a little of its own: the model would take an hour and a half for all. */
const EMBEDDED_TEXTS = 600;
/** Of each dimension, beside a vector of length 1 over 384 dimensions, whose mean is 0.05. */
const NOISE = 0.012;

interface Row {
  readonly id: string;
  readonly handle: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly colour: string;
  readonly weight: number;
  readonly variants: readonly { readonly id: string; readonly sku: string; readonly price: string; readonly item: string; readonly level: string; readonly amount: number }[];
  readonly stock: number;
  readonly vector: string;
}

const FILL = `WITH given AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($1) AS x (id text, handle text, title text, description text, category text, colour text, weight int, variants jsonb, stock int, vector text)),
  variant AS MATERIALIZED (SELECT g.id AS product_id, g.stock, v.* FROM given g CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(g.variants) AS (id text, sku text, price text, item text, level text, amount bigint)) WITH ORDINALITY AS v (id, sku, price, item, level, amount, n)),
  p AS (INSERT INTO products (id, handle, title, description, status, created_at) SELECT id, handle, title, description, 'active', now() - random() * interval '400 days' FROM given),
  c AS (INSERT INTO product_categories (product_id, category_id) SELECT g.id, c.id FROM given g JOIN categories c ON c.handle = g.category),
  a AS (INSERT INTO product_attribute_values (product_id, attribute_id, value) SELECT g.id, a.id, CASE a.code WHEN 'colour' THEN to_jsonb(g.colour) ELSE to_jsonb(g.weight) END FROM given g CROSS JOIN attributes a),
  v AS (INSERT INTO variants (id, product_id, sku, title, position) SELECT id, product_id, sku, sku, n FROM variant),
  r AS (INSERT INTO prices (id, variant_id, currency, amount) SELECT price, id, 'USD', amount FROM variant),
  i AS (INSERT INTO inventory_items (id, sku) SELECT item, sku FROM variant),
  vi AS (INSERT INTO variant_inventory_items (variant_id, inventory_item_id) SELECT id, item FROM variant),
  l AS (INSERT INTO stock_levels (id, inventory_item_id, location_id, on_hand) SELECT level, item, (SELECT id FROM stock_locations LIMIT 1), stock FROM variant),
  e AS (INSERT INTO product_embeddings (product_id, model, text_hash, vector) SELECT id, $2, sha256(id::bytea), decode(vector, 'hex') FROM given)
  SELECT count(*) FROM given`;

/** What every store needs, and the categories and attributes of the goods. */
async function prepare(database: Database, newId: ReturnType<typeof createIdGenerator>): Promise<void> {
  const run = (text: string, ...values: unknown[]): Promise<number> => database.run(ephemeral(text), values);
  await run("INSERT INTO channels (id, code, name, default_currency, currencies) VALUES ($1, 'default', 'Bench', 'USD', '{USD}')", newId('channel'));
  await run("INSERT INTO stock_locations (id, code, name, country_code) VALUES ($1, 'main', 'Main', 'US')", newId('stockLocation'));
  for (const handle of Object.keys(GOODS)) await run('INSERT INTO categories (id, handle, name) VALUES ($1, $2, $3)', newId('category'), handle, handle[0]?.toUpperCase() + handle.slice(1));
  await run("INSERT INTO attributes (id, code, name, type, options) VALUES ($1, 'colour', 'Colour', 'select', $2)", newId('attribute'), COLOURS);
  await run("INSERT INTO attributes (id, code, name, type, unit) VALUES ($1, 'weight', 'Weight', 'number', 'g')", newId('attribute'));
}

/** Fills an empty store with products of two variants, straight into the tables. Deterministic but for ids and ages. */
export async function fillSearchCatalog(database: Database, count: number, embedder: Embedder, log: (line: string) => void): Promise<void> {
  const newId = createIdGenerator();
  await prepare(database, newId);
  const pick = random(7);
  const one = <Item>(items: readonly Item[]): Item => items[pick(items.length)] as Item;

  const described = (): { category: string; title: string; description: string; colour: string } => {
    const category = one(Object.keys(GOODS));
    const { nouns, uses } = GOODS[category] ?? { nouns: [], uses: [] };
    const [noun, adjective, material, colour] = [one(nouns), one(ADJECTIVES), one(MATERIALS), one(COLOURS)];
    return {
      category,
      colour,
      title: `${one(BRANDS)} ${adjective} ${material} ${noun}`,
      description: `A ${adjective} ${noun} made of ${material}, for ${one(uses)} and ${one(uses)}. Comes in ${colour}; ${pick(9) + 1} years of guarantee.`,
    };
  };
  // By what they are: near texts have near vectors.
  const texts = Array.from({ length: EMBEDDED_TEXTS }, described);
  const vectors: Float32Array[] = [];
  for (let start = 0; start < texts.length; start += 50) {
    const batch = texts.slice(start, start + 50);
    vectors.push(...(await embedder.embed(batch.map(({ title, description, category }) => embeddedText({ title, description, categories: [{ handle: category, name: category }], attributes: [] })), 'passage')));
  }
  log(`${EMBEDDED_TEXTS} texts embedded`);
  const vectorNear = (base: Float32Array): string => Buffer.from(quantize(base.map((value) => value + (pick(2_001) / 1_000 - 1) * NOISE))).toString('hex');

  for (let start = 0; start < count; start += PRODUCTS_AT_ONCE) {
    const rows = Array.from({ length: Math.min(PRODUCTS_AT_ONCE, count - start) }, (_, offset): Row => {
      const number = start + offset;
      const place = pick(texts.length);
      const base = texts[place] ?? described();
      // The words are a product's own, except for what it is.
      const [brand, colour, adjective] = [one(BRANDS), one(COLOURS), one(ADJECTIVES)];
      const amount = 500 + pick(50_000);
      return {
        id: newId('product'),
        handle: `p-${number}`,
        title: `${brand} ${adjective} ${base.title.split(' ').slice(2).join(' ')}`,
        description: base.description,
        category: base.category,
        colour,
        weight: 50 + pick(5_000),
        stock: pick(5) === 0 ? 0 : pick(200),
        vector: vectorNear(vectors[place] ?? new Float32Array()),
        variants: ['A', 'B'].map((size) => ({ id: newId('variant'), sku: `SKU-${number}-${size}`, price: newId('price'), item: newId('inventoryItem'), level: newId('stockLevel'), amount })),
      };
    });
    await database.rows(ephemeral(FILL), [JSON.stringify(rows), embedder.model]);
    if ((start / PRODUCTS_AT_ONCE) % 10 === 0) log(`${start + rows.length} products written`);
  }
  await database.run(ephemeral('ANALYZE'));
}
