import assert from 'node:assert/strict';
import { createCatalogStore } from '../../adapters/postgres/catalog.ts';
import { openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createChannelStore } from '../../adapters/postgres/channels.ts';
import type { CatalogService } from '../../domain/catalog/catalog-service.ts';
import type { Channel } from '../../domain/catalog/channel.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { seed } from '../../scripts/seed.ts';
import { createCatalogService } from '../../services/catalog/catalog-service.ts';
import { startStack, type Stack } from '../support/stack.ts';

/** The demo store's catalog on a database of its own. */
export interface CatalogStack {
  readonly stack: Stack;
  readonly database: Database;
  readonly catalog: CatalogService;
  readonly channel: Channel;
  close(): Promise<void>;
}

export async function startCatalog(): Promise<CatalogStack> {
  const stack = await startStack();
  await seed(stack.databaseUrl);
  const database = openDatabase({ url: stack.databaseUrl, poolSize: 8 });
  const [channel] = await createChannelStore(database).all();
  assert.ok(channel);
  return {
    stack,
    database,
    catalog: createCatalogService({ store: createCatalogStore(database), newId: createIdGenerator(), ownLocale: 'en' }),
    channel,
    async close() {
      await database.close();
      await stack.close();
    },
  };
}
