import assert from 'node:assert/strict';
import { ephemeral, type Database } from '../../adapters/postgres/database.ts';
import { loadEventSchemas } from '../../scripts/event-schemas.ts';

export interface WrittenEvent {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What the world was told of a thing, in order. */
export const eventsOf = (database: Database, aggregateId: string): Promise<WrittenEvent[]> =>
  database.rows<WrittenEvent>(ephemeral('SELECT type, payload FROM outbox_events WHERE aggregate_id = $1 ORDER BY aggregate_sequence'), [aggregateId]);

export const eventTypesOf = async (database: Database, aggregateId: string): Promise<string[]> => (await eventsOf(database, aggregateId)).map(({ type }) => type);

/** Every event that was written is as its schema says. */
export async function assertEventsValid(database: Database): Promise<void> {
  const schemas = loadEventSchemas();
  const written = await database.rows<WrittenEvent>(ephemeral('SELECT type, payload FROM outbox_events ORDER BY position'), []);
  const problems = new Set(written.flatMap(({ type, payload }) => schemas.problemsOf(type, payload)));
  assert.deepEqual([...problems], [], 'every event is as its schema says');
}
