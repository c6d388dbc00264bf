import { openDatabase, prepared, type Database } from '../adapters/postgres/database.ts';
import { ConfigError, loadConfig, readEnvFile } from '../platform/config.ts';
import { createIdGenerator } from '../platform/ids.ts';
import { createCatalogRows } from './seed/catalog-rows.ts';
import { addDemoCatalog } from './seed/demo-catalog.ts';
import { insertStoreSettings } from './seed/store-settings.ts';

const LOCK = prepared("SELECT pg_advisory_xact_lock(hashtext('headlesspro seed'))");
const SEEDED = prepared("SELECT 1 FROM channels WHERE code = 'default'");

async function fill(database: Database): Promise<void> {
  const newId = createIdGenerator();
  await database.transaction(async (sql) => {
    // Two that start at once take turns, and the second finds it done.
    await sql.rows(LOCK);
    if ((await sql.rows(SEEDED)).length > 0) return;
    const { locationIds } = await insertStoreSettings(sql, newId);
    const rows = createCatalogRows();
    addDemoCatalog(rows, newId, locationIds);
    await rows.insert(sql);
  });
}

/** Fills a migrated database with the demo store, in one transaction. Does nothing when there is a default channel already. */
export async function seed(databaseUrl: string): Promise<void> {
  const database = openDatabase({ url: databaseUrl, poolSize: 1 });
  try {
    await fill(database);
  } finally {
    await database.close();
  }
}

if (import.meta.main) {
  try {
    readEnvFile();
    const { postgres } = loadConfig();
    if (postgres.url === undefined)
      throw new ConfigError('DATABASE_URL must be set (npm start seeds its own database by itself)');
    await seed(postgres.url);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
