import { createHash } from 'node:crypto';
import pg from 'pg';
import { DomainError } from '../../domain/shared/errors.ts';
import { isTraced, withSpan } from '../../platform/tracing.ts';

// Amounts and counters are bigint in the database and stay below 2^53 by check constraints.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** SQL text; a named one is prepared once for each connection. */
export interface Statement {
  readonly text: string;
  readonly name?: string;
}

/** A statement whose text is fixed: prepared once a connection. */
export const prepared = (text: string): Statement => ({ text, name: createHash('sha1').update(text).digest('hex').slice(0, 20) });

/** A statement whose text was put together for one call: never prepared, so that odd filters don't fill the server's memory. */
export const ephemeral = (text: string): Statement => ({ text });

/** Runs statements, on any free connection or inside one transaction. */
export interface Sql {
  rows<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /** How many rows the statement changed. */
  run(statement: Statement, values?: readonly unknown[]): Promise<number>;
}

/** The connection pool, and transactions on it. */
export interface Database extends Sql {
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
  readonly pool: pg.Pool;
}

function over(client: pg.Pool | pg.PoolClient): Sql {
  const execute = (statement: Statement, values: readonly unknown[]): Promise<pg.QueryResult<pg.QueryResultRow>> =>
    client.query({ ...statement, values: [...values] });
  // The text has placeholders only, so that no personal data goes into a trace.
  const query = (statement: Statement, values: readonly unknown[]): Promise<pg.QueryResult<pg.QueryResultRow>> =>
    isTraced() ? withSpan('sql', { 'db.system.name': 'postgresql', 'db.query.text': statement.text }, () => execute(statement, values)) : execute(statement, values);
  return {
    async rows<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
      return (await query(statement, values)).rows as Row[];
    },
    async run(statement: Statement, values: readonly unknown[] = []): Promise<number> {
      return (await query(statement, values)).rowCount ?? 0;
    },
  };
}

/** Serialization failures and deadlocks: the transaction did nothing and may be tried again. */
const isTransient = (error: unknown): boolean => error instanceof pg.DatabaseError && (error.code === '40001' || error.code === '40P01');

/** A rule of the tables that no repetition of the same change will satisfy. */
const brokenRule = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError && error.code === '23514' ? (error.constraint ?? 'a check') : undefined;

/** A value that no column takes, such as a text that is too long for what is made of it: classes 22 and 54. */
export const isBadValue = (error: unknown): error is pg.DatabaseError => error instanceof pg.DatabaseError && /^(22|54)/.test(error.code ?? '');

const TRANSACTION_TRIES = 5;

/** Opens a pool. `statementTimeoutMs` bounds each statement; `onError` hears of idle connections that were cut. */
export function openDatabase(options: {
  url: string;
  poolSize?: number;
  statementTimeoutMs?: number;
  applicationName?: string;
  onError?: (error: Error) => void;
}): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 16,
    connectionTimeoutMillis: 10_000,
    statement_timeout: options.statementTimeoutMs ?? 15_000,
    application_name: options.applicationName ?? 'headlesspro',
  });
  pool.on('error', (error) => options.onError?.(error));

  const attempt = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let broken: Error | undefined;
    // A checked-out client has no listener of the pool's: without one a lost connection would end the process.
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      await client.query('BEGIN');
      const result = await work(over(client));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  };

  return {
    ...over(pool),
    pool,
    async transaction(work) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await attempt(work);
        } catch (error) {
          const rule = brokenRule(error);
          if (rule !== undefined) throw new DomainError('CONFLICT', `The change would break the rule ${rule}`);
          if (!isTransient(error) || tries === TRANSACTION_TRIES) throw error;
        }
      }
    },
    close: () => pool.end(),
  };
}
