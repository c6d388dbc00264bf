import { migrate } from '../adapters/postgres/migrate.ts';
import { ConfigError, loadConfig, readEnvFile } from '../platform/config.ts';

try {
  readEnvFile();
  const { postgres } = loadConfig();
  if (postgres.url === undefined)
    throw new ConfigError('DATABASE_URL must be set (npm start migrates its own database by itself)');
  const names = await migrate(postgres.url, { onProgress: console.error });
  console.log(names.length === 0 ? 'The database is up to date' : `Migrated: ${names.join(', ')}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
