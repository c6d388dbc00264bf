import type { DefinitionRegister, DefinitionStanding } from '../../../domain/search/definition-register.ts';
import { prepared, type Database } from '../database.ts';

// Who comes back after another has taken his place comes anew.
const ANNOUNCE = prepared(`INSERT INTO search_definitions AS d (engine, definition) VALUES ($1, $2)
  ON CONFLICT (engine, definition) DO UPDATE SET seen_at = now(), since = CASE WHEN EXISTS (SELECT 1 FROM search_definitions o
    WHERE o.engine = d.engine AND o.definition <> d.definition AND o.seen_at > d.seen_at + interval '1 minute') THEN now() ELSE d.since END
  RETURNING coalesce(d.chosen_at > greatest(d.since, (SELECT max(o.since) FROM search_definitions o WHERE o.engine = d.engine)), false) AS chosen, NOT EXISTS (SELECT 1 FROM search_definitions o
    WHERE o.engine = d.engine AND o.definition <> d.definition AND o.seen_at > now() - interval '1 minute' AND o.since > d.since) AS latest`);
const CHOOSE = prepared('UPDATE search_definitions SET chosen_at = now() WHERE engine = $1');

/** Definitions of indexes in Postgres. */
export const createDefinitionRegister = (database: Database): DefinitionRegister => ({
  async announce(engine, definition) {
    const [standing] = await database.rows<DefinitionStanding>(ANNOUNCE, [engine, definition]);
    if (!standing) throw new Error('A definition has no row');
    return standing;
  },
  async choose(engine) {
    await database.run(CHOOSE, [engine]);
  },
});
