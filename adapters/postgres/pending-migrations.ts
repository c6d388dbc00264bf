import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { prepared, type Sql } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../schema/migrations', import.meta.url));

const APPLIED = prepared('SELECT name FROM schema_migrations');

/** The names of migrations that the database has not seen yet; all of them while it has seen none. Throws when it does not answer. */
export async function pendingMigrations(sql: Sql): Promise<string[]> {
  const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.sql')).map((file) => file.slice(0, -'.sql'.length));
  const applied = new Set((await sql.rows<{ name: string }>(APPLIED)).map(({ name }) => name));
  return files.filter((name) => !applied.has(name)).sort();
}
