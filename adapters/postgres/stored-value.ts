import type { StoredValueAccount, StoredValueEntry, StoredValueEntryKind, StoredValueStore } from '../../domain/payments/stored-value.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { prepared, type Sql, type Statement } from './database.ts';
import { appendOutbox } from './outbox.ts';
import { newestFirst } from './paging.ts';

const newId = createIdGenerator();

const COLUMNS = `a.id, a.kind, a.currency, a.balance, a.held, a.status, a.code_last4 AS "codeLast4", a.customer_id AS "customerId",
  a.expires_at AS "expiresAt", a.created_at AS "createdAt"`;

const accounts = (rest: string): Statement => prepared(`SELECT ${COLUMNS} FROM stored_value_accounts a ${rest}`);

const INSERT = prepared(`INSERT INTO stored_value_accounts (id, kind, currency, code_hash, code_last4, owner_email_key, customer_id, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (code_hash) DO NOTHING`);
const GET = accounts('WHERE a.id = $1');
const BY_CODE = accounts('WHERE a.code_hash = $1');
const OF_OWNER = accounts(`WHERE a.owner_email_key = $1 AND a.currency = $2 AND a.kind = 'store_credit'`);
const MAKE_OF_OWNER = prepared(`INSERT INTO stored_value_accounts (id, kind, currency, owner_email_key, customer_id) VALUES ($1, 'store_credit', $2, $3, $4)
  ON CONFLICT (owner_email_key, currency) WHERE kind = 'store_credit'
  DO UPDATE SET customer_id = coalesce(stored_value_accounts.customer_id, excluded.customer_id)`);
const LIST = accounts(`WHERE ($1::text IS NULL OR a.id < $1) AND ($3::text IS NULL OR a.kind = $3) AND ($4::text IS NULL OR a.status = $4)
  ORDER BY a.id DESC LIMIT $2`);
const ENTRIES = prepared(`SELECT id, kind, balance_delta AS "balanceDelta", held_delta AS "heldDelta", balance_after AS "balanceAfter", held_after AS "heldAfter",
    reference_id AS "referenceId", reason, actor, created_at AS "createdAt"
  FROM stored_value_entries WHERE ($1::text IS NULL OR id < $1) AND account_id = $3 ORDER BY id DESC LIMIT $2`);

// The account's row is locked by the update; whoever comes second sees what the first one left.
const MOVE = prepared(`WITH moved AS (
    UPDATE stored_value_accounts SET balance = balance + $3, held = held + $4
    WHERE id = $2 AND balance + $3 >= 0 AND held + $4 >= 0 AND balance + $3 - (held + $4) >= 0 RETURNING id, balance, held
  )
  INSERT INTO stored_value_entries (id, account_id, kind, balance_delta, held_delta, balance_after, held_after, key, reference_id, reason, actor)
  SELECT $1, id, $5, $3, $4, balance, held, $6, $7, $8, $9 FROM moved`);
const LOCK = prepared('SELECT 1 FROM stored_value_accounts WHERE id = $1 FOR UPDATE');
const MOVED = prepared('SELECT account_id = $2 AND balance_delta = $3 AND held_delta = $4 AS same FROM stored_value_entries WHERE key = $1');
const SET_STATUS = prepared('UPDATE stored_value_accounts SET status = $2 WHERE id = $1 AND status <> $2');
const APPLY = prepared('INSERT INTO cart_stored_value (cart_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING');
const UNAPPLY = prepared('DELETE FROM cart_stored_value WHERE cart_id = $1 AND account_id = $2');
const GUESSES = prepared(`SELECT count(*)::int AS guesses FROM gift_card_guesses WHERE network_key = $1 AND guessed_at > now() - interval '10 minutes'`);
const NOTE_GUESS = prepared(`WITH outdated AS (DELETE FROM gift_card_guesses WHERE guessed_at < now() - interval '1 day')
  INSERT INTO gift_card_guesses (network_key) VALUES ($1)`);
const FORGET_GUESS = prepared(`DELETE FROM gift_card_guesses WHERE ctid = (
  SELECT ctid FROM gift_card_guesses WHERE network_key = $1 ORDER BY guessed_at DESC LIMIT 1)`);

interface Told {
  readonly cause: StoredValueEntryKind | 'enable' | 'disable';
  readonly change: number;
  readonly referenceId: string | null;
  readonly reason: string | null;
}

/** Gift cards and store credit in Postgres. */
export function createStoredValueStore(sql: Sql): StoredValueStore {
  const one = async (statement: Statement, ...values: unknown[]): Promise<StoredValueAccount | undefined> =>
    (await sql.rows<StoredValueAccount>(statement, values))[0];
  /** The caller holds the account's row. */
  async function tell(accountId: string, { cause, change, referenceId, reason }: Told): Promise<void> {
    const account = await one(GET, accountId);
    // A new gift card has an event of its own.
    if (!account || (cause === 'issue' && account.kind === 'gift_card')) return;
    const { kind, currency, balance, held, status, codeLast4, customerId, expiresAt } = account;
    const payload = { accountId, kind, currency, balance, held, status, codeLast4, customerId, expiresAt: expiresAt?.toISOString() ?? null, cause, change, referenceId, reason };
    await appendOutbox(sql, { id: newId('event'), type: 'stored_value.changed', aggregateId: accountId, payload });
  }

  const guesses = async (networkKey: string): Promise<number> => (await sql.rows<{ guesses: number }>(GUESSES, [networkKey]))[0]?.guesses ?? 0;
  return {
    async insert({ id, kind, currency, code, owner, expiresAt }) {
      await sql.run(INSERT, [id, kind, currency, code?.hash ?? null, code?.last4 ?? null, owner?.emailKey ?? null, owner?.customerId ?? null, expiresAt]);
    },
    get: (accountId) => one(GET, accountId),
    findByCode: (codeHash) => one(BY_CODE, codeHash),
    async ofOwner(id, { emailKey, customerId }, currency) {
      await sql.run(MAKE_OF_OWNER, [id, currency, emailKey, customerId]);
      const account = await one(OF_OWNER, emailKey, currency);
      if (!account) throw new Error('The store credit was neither made nor found');
      return account;
    },
    findOfOwner: (emailKey, currency) => one(OF_OWNER, emailKey, currency),
    list: (page, { kind, status }) => newestFirst<StoredValueAccount>(sql, LIST, page, [kind ?? null, status ?? null]),
    entries: (accountId, page) => newestFirst<StoredValueEntry>(sql, ENTRIES, page, [accountId]),
    async move({ accountId, kind, balanceDelta = 0, heldDelta = 0, key, referenceId, reason, actor }) {
      // Locked before the key is looked for: of two that carry the same key, the second one sees it.
      await sql.rows(LOCK, [accountId]);
      const [moved] = await sql.rows<{ same: boolean }>(MOVED, [key, accountId, balanceDelta, heldDelta]);
      if (moved && !moved.same) throw new DomainError('IDEMPOTENCY_KEY_REUSED', 'Something else was moved under this reference', 'reference');
      if (moved) return true;
      const values = [newId('storedValueEntry'), accountId, balanceDelta, heldDelta, kind, key, referenceId, reason ?? null, actor ?? null];
      if ((await sql.run(MOVE, values)) === 0) return false;
      // Here, where every movement comes by: whoever moves something cannot forget to tell.
      if (balanceDelta !== 0) await tell(accountId, { cause: kind, change: balanceDelta, referenceId, reason: reason ?? null });
      return true;
    },
    async setStatus(accountId, status, reason) {
      const changed = (await sql.run(SET_STATUS, [accountId, status])) === 1;
      if (changed) await tell(accountId, { cause: status === 'active' ? 'enable' : 'disable', change: 0, referenceId: null, reason });
      return one(GET, accountId);
    },
    async apply(cartId, accountId) {
      await sql.run(APPLY, [cartId, accountId]);
    },
    async unapply(cartId, accountId) {
      return (await sql.run(UNAPPLY, [cartId, accountId])) === 1;
    },
    async noteGuess(networkKey) {
      await sql.run(NOTE_GUESS, [networkKey]);
      return guesses(networkKey);
    },
    guesses,
    async forgetGuess(networkKey) {
      await sql.run(FORGET_GUESS, [networkKey]);
    },
  };
}
