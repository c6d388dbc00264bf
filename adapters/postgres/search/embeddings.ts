import type { EmbeddingStore, MissingMeanings, RefusedMeaning } from '../../../domain/search/embedding-store.ts';
import { prepared, type Database } from '../database.ts';
import { newestFirst } from '../paging.ts';

const WAITING = `FROM products p WHERE p.status = 'active' AND NOT EXISTS (SELECT 1 FROM product_embeddings e WHERE e.product_id = p.id AND e.model = $1)
  AND NOT EXISTS (SELECT 1 FROM embedding_refusals r WHERE r.product_id = p.id AND r.model = $1)`;
const MISSING = prepared(`SELECT p.id ${WAITING} ORDER BY p.id LIMIT $2`);
const HASHES = prepared(`SELECT product_id AS id, encode(text_hash, 'hex') AS hash FROM product_embeddings WHERE model = $1 AND product_id = ANY($2)
  UNION ALL SELECT product_id, encode(text_hash, 'hex') FROM embedding_refusals WHERE model = $1 AND product_id = ANY($2)`);
// A product may be gone by now.
const PUT = prepared(`WITH given AS (SELECT x.id, decode(x.hash, 'hex') AS hash, decode(x.vector, 'hex') AS vector FROM jsonb_to_recordset($2) AS x (id text, hash text, vector text)
    JOIN products p ON p.id = x.id FOR KEY SHARE OF p), touched AS (INSERT INTO search_changes (product_id) SELECT id FROM given),
  taken AS (DELETE FROM embedding_refusals r USING given g WHERE r.product_id = g.id AND r.model = $1)
  INSERT INTO product_embeddings (product_id, model, text_hash, vector) SELECT id, $1, hash, vector FROM given
  ON CONFLICT (product_id, model) DO UPDATE SET text_hash = excluded.text_hash, vector = excluded.vector`);
const REFUSE = prepared(`WITH given AS (SELECT id FROM products WHERE id = $2 FOR KEY SHARE),
    gone AS (DELETE FROM product_embeddings e USING given g WHERE e.product_id = g.id AND e.model = $1 RETURNING e.product_id),
    touched AS (INSERT INTO search_changes (product_id) SELECT product_id FROM gone)
  INSERT INTO embedding_refusals (model, product_id, text_hash, reason) SELECT $1, id, decode($3, 'hex'), $4 FROM given
  ON CONFLICT (model, product_id) DO UPDATE SET text_hash = excluded.text_hash, reason = excluded.reason, refused_at = now()`);
const REFUSED = `FROM embedding_refusals r JOIN products p ON p.id = r.product_id WHERE p.status = 'active'`;
const COUNT = prepared(`SELECT (SELECT count(*)::int FROM (SELECT ${WAITING} LIMIT $2) w) AS waiting, (SELECT count(*)::int FROM (SELECT ${REFUSED} AND r.model = $1 LIMIT $2) x) AS refused`);
const REFUSALS = prepared(`SELECT p.id, p.title, r.reason, r.refused_at AS "refusedAt" ${REFUSED} AND r.model = $3 AND ($1::text IS NULL OR p.id < $1) ORDER BY p.id DESC LIMIT $2`);
const RETRY = prepared('DELETE FROM embedding_refusals WHERE model = $1 AND ($2::text[] IS NULL OR product_id = ANY($2))');
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
    async refuse(model, { productId, textHash, reason }) {
      await database.run(REFUSE, [model, productId, textHash, reason]);
    },
    async count(model, limit) {
      return (await database.rows<MissingMeanings>(COUNT, [model, limit]))[0] ?? { waiting: 0, refused: 0 };
    },
    refusals: (model, page) => newestFirst<RefusedMeaning>(database, REFUSALS, page, [model]),
    retry: (model, productIds) => database.run(RETRY, [model, productIds]),
    lease: async (name, holder, ms) => (await database.run(LEASE, [name, holder, ms])) === 1,
  };
}
