import type { ChannelStore } from '../../domain/catalog/channel-store.ts';
import type { Channel } from '../../domain/catalog/channel.ts';
import { prepared, type Sql } from './database.ts';
import { newestFirst } from './paging.ts';

const COLUMNS = `c.id, c.code, c.name, c.default_currency AS "defaultCurrency", c.currencies, c.prices_include_tax AS "pricesIncludeTax",
  c.locales, c.default_locale AS "defaultLocale"`;

const ALL = prepared(`SELECT ${COLUMNS} FROM channels c ORDER BY c.created_at, c.id`);
const GET = prepared(`SELECT ${COLUMNS} FROM channels c WHERE c.id = $1`);
const LOCK = prepared(`SELECT ${COLUMNS} FROM channels c WHERE c.id = $1 FOR UPDATE`);
const LIST = prepared(`SELECT ${COLUMNS} FROM channels c WHERE ($1::text IS NULL OR c.id < $1) ORDER BY c.id DESC LIMIT $2`);
const INSERT = prepared(`INSERT INTO channels (id, code, name, default_currency, currencies, prices_include_tax, locales, default_locale, order_prefix)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (code) DO NOTHING`);
const UPDATE = prepared('UPDATE channels SET name = $2, default_currency = $3, currencies = $4, locales = $5, default_locale = $6 WHERE id = $1');

const OF_PREFIX = prepared('SELECT 1 FROM channels WHERE order_prefix = $1 LIMIT 1');

const FIRST_BESIDE = 'SELECT * FROM channels WHERE id <> $1 ORDER BY created_at, id LIMIT 1';
const TAKE_RULES = prepared(`UPDATE channels c SET capture_mode = f.capture_mode, payment_gateways = f.payment_gateways, hold_seconds = f.hold_seconds,
    action_seconds = f.action_seconds, review_seconds = f.review_seconds, review_default = f.review_default, fraud_settings = f.fraud_settings,
    allocation_strategy = f.allocation_strategy, return_window_days = f.return_window_days, return_policy = f.return_policy
  FROM (${FIRST_BESIDE}) f WHERE c.id = $1`);
const METHODS = prepared(`SELECT s.id FROM shipping_methods s JOIN (${FIRST_BESIDE}) f ON f.id = s.channel_id WHERE s.active ORDER BY s.id`);
const TAKE_METHODS = prepared(`WITH taken AS (SELECT x.old, x.new FROM unnest($2::text[], $3::text[]) AS x (old, new)), methods AS (
    INSERT INTO shipping_methods (id, channel_id, code, name, description, tax_category, countries, position)
    SELECT t.new, $1, s.code, s.name, s.description, s.tax_category, s.countries, s.position FROM shipping_methods s JOIN taken t ON t.old = s.id RETURNING id)
  INSERT INTO shipping_rates (shipping_method_id, currency, amount, free_from)
  SELECT m.id, r.currency, r.amount, r.free_from FROM methods m JOIN taken t ON t.new = m.id JOIN shipping_rates r ON r.shipping_method_id = t.old`);

/** Channels in Postgres. */
export function createChannelStore(sql: Sql): ChannelStore {
  return {
    all: () => sql.rows<Channel>(ALL),
    get: async (id) => (await sql.rows<Channel>(GET, [id]))[0],
    list: (page) => newestFirst<Channel>(sql, LIST, page, []),
    hasOrderPrefix: async (prefix) => (await sql.rows(OF_PREFIX, [prefix])).length > 0,
    async insert({ id, code, name, defaultCurrency, currencies, pricesIncludeTax, locales, defaultLocale, orderPrefix, newShippingMethodId }) {
      const inserted = await sql.run(INSERT, [id, code, name, defaultCurrency, currencies, pricesIncludeTax, locales, defaultLocale, orderPrefix]);
      if (inserted === 0) return false;
      await sql.run(TAKE_RULES, [id]);
      const methods = await sql.rows<{ id: string }>(METHODS, [id]);
      await sql.run(TAKE_METHODS, [id, methods.map((method) => method.id), methods.map(() => newShippingMethodId())]);
      return true;
    },
    lock: async (id) => (await sql.rows<Channel>(LOCK, [id]))[0],
    async update({ id, name, defaultCurrency, currencies, locales, defaultLocale }) {
      await sql.run(UPDATE, [id, name, defaultCurrency, currencies, locales, defaultLocale]);
    },
  };
}
