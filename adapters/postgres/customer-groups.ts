import type { CustomerGroup, CustomerGroupStore } from '../../domain/customers/customer-group.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import { CUSTOMER_COLUMNS } from './customers.ts';
import { prepared, type Sql } from './database.ts';
import { newestFirst } from './paging.ts';

const COLUMNS = 'g.id, g.code, g.name';

const INSERT = prepared('INSERT INTO customer_groups (id, code, name) VALUES ($1, $2, $3) ON CONFLICT (code) DO NOTHING');
const RENAME = prepared('UPDATE customer_groups SET name = $2 WHERE id = $1');
const GET = prepared(`SELECT ${COLUMNS} FROM customer_groups g WHERE g.id = $1`);
const LIST = prepared(`SELECT ${COLUMNS} FROM customer_groups g WHERE ($1::text IS NULL OR g.id < $1) ORDER BY g.id DESC LIMIT $2`);
const BY_IDS = prepared(`SELECT ${COLUMNS} FROM customer_groups g WHERE g.id = ANY($1)`);
const MEMBERS = prepared(`SELECT ${CUSTOMER_COLUMNS} FROM customer_group_members m JOIN customers c ON c.id = m.customer_id
  WHERE ($1::text IS NULL OR m.customer_id < $1) AND m.group_id = $3 ORDER BY m.customer_id DESC LIMIT $2`);
const KNOWN = prepared('SELECT id FROM customers WHERE id = ANY($1)');
// In the order of their ids, so that two who add the same do not wait for each other.
const ADD = prepared(`INSERT INTO customer_group_members (group_id, customer_id) SELECT $1, x.id FROM unnest($2::text[]) AS x (id) ORDER BY x.id
  ON CONFLICT (customer_id, group_id) DO NOTHING`);
const REMOVE = prepared('DELETE FROM customer_group_members WHERE group_id = $1 AND customer_id = ANY($2)');

/** Customer groups in Postgres. */
export function createCustomerGroupStore(sql: Sql): CustomerGroupStore {
  return {
    insert: async ({ id, code, name }) => (await sql.run(INSERT, [id, code, name])) === 1,
    rename: async (id, name) => (await sql.run(RENAME, [id, name])) === 1,
    get: async (id) => (await sql.rows<CustomerGroup>(GET, [id]))[0],
    list: (page) => newestFirst<CustomerGroup>(sql, LIST, page, []),
    byIds: (ids) => sql.rows<CustomerGroup>(BY_IDS, [ids]),
    members: (id, page) => newestFirst<Customer>(sql, MEMBERS, page, [id]),
    known: async (customerIds) => new Set((await sql.rows<{ id: string }>(KNOWN, [customerIds])).map(({ id }) => id)),
    addMembers: (id, customerIds) => sql.run(ADD, [id, customerIds]),
    removeMembers: (id, customerIds) => sql.run(REMOVE, [id, customerIds]),
  };
}
