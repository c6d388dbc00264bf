import type { EmbeddingStore } from '../../../domain/search/embedding-store.ts';
import { prepared, type Database } from '../database.ts';

const MISSING = prepared(`SELECT p.id FROM products p WHERE p.status = 'active' AND NOT EXISTS (SELECT 1 FROM product_embeddings e WHERE e.product_id = p.id AND e.model = $1)
  ORDER BY p.id LIMIT $2`);
const HASHES = prepared(`SELECT product_id AS id, encode(text_hash, 'hex') AS hash FROM product_embeddings WHERE model = $1 AND product_id = ANY($2)`);
// A product may be gone by now.
const PUT = prepared(`WITH given AS (SELECT x.id, decode(x.hash, 'hex') AS hash, decode(x.vector, 'hex') AS vector FROM jsonb_to_recordset($2) AS x (id text, hash text, vector text)
    JOIN products p ON p.id = x.id FOR KEY SHARE OF p), touched AS (INSERT INTO search_changes (product_id) SELECT id FROM given)
  INSERT INTO product_embeddings (product_id, model, text_hash, vector) SELECT id, $1, hash, vector FROM given
  ON CONFLICT (product_id, model) DO UPDATE SET text_hash = excluded.text_hash, vector = excluded.vector`);
const LEASE = prepared(`INSERT INTO search_leases AS l (name, holder, until) VALUES ($1, $2, now() + $3::float8 * interval '1 millisecond')
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE l.holder = excluded.holder OR l.until < now()`);

/** Vectors of products in Postgres. */
export function createEmbeddingStore(database: Database): EmbeddingStore {
  return {
    missing: async (model, limit) => (await database.rows<{ id: string }>(MISSING, [model, limit])).map(({ id }) => id),
    async textHashes(model, productIds) {
      const rows = await database.rows<{ id: string; hash: string }>(HASHES, [model, productIds]);
      return new Map(rows.map(({ id, hash }) => [id, hash]));
    },
    async put(model, embeddings) {
      const rows = embeddings.map(({ productId, textHash, vector }) => ({ id: productId, hash: textHash, vector: Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex') }));
      await database.run(PUT, [model, JSON.stringify(rows)]);
    },
    lease: async (name, holder, ms) => (await database.run(LEASE, [name, holder, ms])) === 1,
  };
}
