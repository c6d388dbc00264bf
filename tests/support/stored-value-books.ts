import assert from 'node:assert/strict';
import { ephemeral, type Sql } from '../../adapters/postgres/database.ts';

const ACCOUNTS = ephemeral(`SELECT a.id, a.balance, a.held, coalesce(sum(e.balance_delta), 0)::bigint AS "balanceOfEntries",
    coalesce(sum(e.held_delta), 0)::bigint AS "heldOfEntries"
  FROM stored_value_accounts a LEFT JOIN stored_value_entries e ON e.account_id = a.id GROUP BY a.id ORDER BY a.id`);

const RUNNING_SUMS = ephemeral(`SELECT id FROM (SELECT id, balance_after, held_after,
    sum(balance_delta) OVER own AS balance, sum(held_delta) OVER own AS held
  FROM stored_value_entries WINDOW own AS (PARTITION BY account_id ORDER BY position)) e
  WHERE balance_after <> balance OR held_after <> held OR balance < 0 OR held < 0 OR balance < held`);

/** What open payments still may take, against what is held for them. */
const HELD_FOR_NOTHING = ephemeral(`SELECT a.id FROM stored_value_accounts a WHERE a.held <> (
    SELECT coalesce(sum(p.amount - p.captured), 0) FROM house_payments p
    WHERE p.account_id = a.id AND NOT p.closed AND p.captured < p.amount)`);

/**
 * Asserts of every account: its entries sum up to its balance and to what is held, no entry ever left it below zero, and what is
 * held is what open payments may still take.
 */
export async function assertLedgerAddsUp(sql: Sql): Promise<void> {
  const accounts = await sql.rows<{ id: string; balance: number; held: number; balanceOfEntries: number; heldOfEntries: number }>(
    ACCOUNTS,
  );
  for (const { id, balance, held, balanceOfEntries, heldOfEntries } of accounts) {
    assert.deepEqual([balance, held], [balanceOfEntries, heldOfEntries], `entries of ${id} sum up`);
    assert.ok(balance >= 0 && held >= 0 && balance - held >= 0, `${id} is not below zero`);
  }
  assert.deepEqual(await sql.rows(RUNNING_SUMS), [], 'every entry tells what it left');
  assert.deepEqual(await sql.rows(HELD_FOR_NOTHING), [], 'what is held is held for a payment');
}
