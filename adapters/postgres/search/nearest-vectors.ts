import type { NearProduct, NearQuery } from '../../../domain/search/search-index.ts';
import { statementValues } from '../catalog/statement-values.ts';
import { ephemeral, prepared, type Database } from '../database.ts';
import { signalsOf } from './document-rows.ts';
import { adjustmentFactor, restrictions } from './search-conditions.ts';
import { shownTexts } from './word-places.ts';

// Those that were written since: versions are given before they are written, so the last few may come late.
const WRITTEN = prepared(`SELECT id, version, vector, removed OR vector IS NULL AS gone FROM search_documents
  WHERE index_name = $1 AND version > $2 AND (removed OR model IS NULL OR model = $3) AND (id, version) > ($4, 0) ORDER BY id LIMIT $5`);
const COUNT = prepared('SELECT count(*)::int AS count FROM search_documents WHERE index_name = $1 AND model = $2 AND NOT removed');

const ROWS_AT_ONCE = 5_000;
/** How many readings may be under way while a later one is written already. */
const LATE_VERSIONS = 1_000;
/** More are for Elasticsearch: to compare them one by one takes too long, and the memory of every process. */
const MOST_VECTORS = 50_000;
/** A change is seen after this. */
const REFRESH_MS = 1_000;
/** Of those that are near, so many times as many are looked at, since some do not meet the filters. */
const WIDENING = 4;

interface Row {
  readonly id: string;
  readonly version: number;
  readonly vector: Buffer | null;
  readonly gone: boolean;
}

interface NearRow extends Pick<NearProduct, 'id' | 'title' | 'description' | 'skus' | 'factor'> {
  readonly signals: readonly number[];
  readonly createdAt: Date;
}

interface Held {
  readonly vector: Int8Array;
  /** One divided by its length. */
  readonly scale: number;
}

/** The vectors of one index, as this process holds them. */
interface Holding {
  readonly index: string;
  readonly model: string;
  readonly vectors: Map<string, Held>;
  version: number;
  readAt: number;
}

const product = (left: Int8Array, right: Int8Array): number => {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
};
const scaleOf = (vector: Int8Array): number => 1 / (Math.sqrt(product(vector, vector)) || 1);

/**
 * The nearest of the vectors in an index. Postgres as it comes cannot compare them: a process that is asked holds them, and follows
 * what is written. Where there are too many, there are none.
 */
export function createNearestVectors(database: Database): { nearest(index: string, query: NearQuery): Promise<NearProduct[]> } {
  let holding: Holding | undefined;
  let reading: Promise<Holding> | undefined;

  async function read(index: string, model: string): Promise<Holding> {
    const held = holding?.index === index && holding.model === model ? holding : { index, model, vectors: new Map<string, Held>(), version: 0, readAt: 0 };
    const [{ count } = { count: 0 }] = held.version === 0 ? await database.rows<{ count: number }>(COUNT, [index, model]) : [{ count: held.vectors.size }];
    if (count <= MOST_VECTORS) {
      let { version } = held;
      for (let after = ''; ; ) {
        const rows = await database.rows<Row>(WRITTEN, [index, held.version - LATE_VERSIONS, model, after, ROWS_AT_ONCE]);
        for (const { id, version: written, vector, gone } of rows) {
          version = Math.max(version, written);
          if (gone || vector === null) held.vectors.delete(id);
          else {
            const bytes = new Int8Array(vector);
            held.vectors.set(id, { vector: bytes, scale: scaleOf(bytes) });
          }
        }
        const last = rows.at(-1);
        if (rows.length < ROWS_AT_ONCE || !last) break;
        after = last.id;
      }
      held.version = version;
    }
    held.readAt = performance.now();
    holding = held;
    return held;
  }

  /** What is held, as of a second ago at most. One reads for all. */
  async function current(index: string, model: string): Promise<Holding> {
    if (holding?.index === index && holding.model === model && performance.now() - holding.readAt < REFRESH_MS) return holding;
    reading ??= read(index, model).finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return {
    async nearest(index, query) {
      const { vectors } = await current(index, query.model);
      const scale = scaleOf(query.vector);
      const near = [...vectors]
        .map(([id, held]) => ({ id, similarity: product(held.vector, query.vector) * held.scale * scale }))
        .filter(({ similarity }) => similarity >= query.least)
        .sort((a, b) => b.similarity - a.similarity);
      const found: NearProduct[] = [];
      for (let start = 0, size = query.size * WIDENING; start < near.length && found.length < query.size; start += size, size *= WIDENING) {
        const candidates = near.slice(start, start + size);
        const values = statementValues();
        const { title, description, join } = shownTexts(query.audience, values);
        const where = `d.index_name = ${values.add(index)} AND d.id = ANY(${values.add(candidates.map(({ id }) => id))}::text[]) AND ${restrictions(query, values)}`;
        const rows = await database.rows<NearRow>(ephemeral(`SELECT d.id, ${title} AS title, ${description} AS description, d.skus, d.signals, d.created_at AS "createdAt", (${adjustmentFactor(query.ranking, values)})::float8 AS factor FROM search_documents d ${join} WHERE ${where}`), values.values);
        const allowed = new Map(rows.map(({ signals, createdAt, ...rest }) => [rest.id, { ...rest, signals: signalsOf(signals, createdAt, query.ranking.now) }]));
        for (const { id, similarity } of candidates) {
          const rest = allowed.get(id);
          if (rest) found.push({ ...rest, similarity });
        }
      }
      return found.slice(0, query.size);
    },
  };
}
