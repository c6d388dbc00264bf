import type { Channel } from '../../domain/catalog/channel.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { prepared, type Sql } from './database.ts';

const READ = prepared(`SELECT id, code, name, default_currency AS "defaultCurrency", currencies, prices_include_tax AS "pricesIncludeTax"
  FROM channels ORDER BY created_at, id LIMIT 1`);

/** Reads the channel that serves whoever names none: the first. Raises SERVICE_UNAVAILABLE while the store has no channel. */
export const createDefaultChannelReader =
  (sql: Sql): (() => Promise<Channel>) =>
  async () => {
    const [channel] = await sql.rows<Channel>(READ);
    if (!channel) throw new DomainError('SERVICE_UNAVAILABLE', 'The store has no sales channel yet');
    return channel;
  };
