import type { Customer, CustomerStore } from '../../domain/customers/customer.ts';
import type { MethodSetup, SavedMethod, SavedMethodStore } from '../../domain/customers/saved-method.ts';
import { prepared, type Sql } from './database.ts';
import { newestFirst } from './paging.ts';

/** Of the customers `c`. */
export const CUSTOMER_COLUMNS = `c.id, c.email, c.created_at AS "createdAt",
  ARRAY(SELECT m.group_id FROM customer_group_members m WHERE m.customer_id = c.id ORDER BY m.group_id) AS "groupIds"`;

const INSERT = prepared('INSERT INTO customers (id, email) VALUES ($1, $2) ON CONFLICT (email) DO NOTHING');
const GET = prepared(`SELECT ${CUSTOMER_COLUMNS} FROM customers c WHERE c.id = $1`);
const BY_EMAIL = prepared(`SELECT ${CUSTOMER_COLUMNS} FROM customers c WHERE c.email = $1`);
const LIST = prepared(`SELECT ${CUSTOMER_COLUMNS} FROM customers c WHERE ($1::text IS NULL OR c.id < $1) AND ($3::text IS NULL OR c.email = $3) ORDER BY c.id DESC LIMIT $2`);
const OPEN_SESSION = prepared(`WITH over AS (DELETE FROM customer_sessions WHERE customer_id = $2 AND expires_at < now())
  INSERT INTO customer_sessions (token_hash, customer_id, expires_at) VALUES ($1, $2, $3)`);
const OF_SESSION = prepared(`SELECT ${CUSTOMER_COLUMNS} FROM customer_sessions s JOIN customers c ON c.id = s.customer_id WHERE s.token_hash = $1 AND s.expires_at > now()`);
const CLOSE_SESSIONS = prepared('DELETE FROM customer_sessions WHERE customer_id = $1');
const GATEWAY_REF = prepared('SELECT customer_ref AS "customerRef" FROM gateway_customers WHERE customer_id = $1 AND gateway = $2');
const SET_GATEWAY_REF = prepared('INSERT INTO gateway_customers (customer_id, gateway, customer_ref) VALUES ($1, $2, $3) ON CONFLICT (customer_id, gateway) DO NOTHING');

/** Customers in Postgres. */
export function createCustomerStore(sql: Sql): CustomerStore {
  const gatewayRef = async (customerId: string, gateway: string): Promise<string | undefined> =>
    (await sql.rows<{ customerRef: string }>(GATEWAY_REF, [customerId, gateway]))[0]?.customerRef;
  return {
    async insert({ id, email }) {
      return (await sql.run(INSERT, [id, email])) === 1;
    },
    get: async (id) => (await sql.rows<Customer>(GET, [id]))[0],
    findByEmail: async (email) => (await sql.rows<Customer>(BY_EMAIL, [email]))[0],
    list: (page, { email }) => newestFirst<Customer>(sql, LIST, page, [email ?? null]),
    async openSession({ tokenHash, customerId, expiresAt }) {
      await sql.run(OPEN_SESSION, [tokenHash, customerId, expiresAt]);
    },
    ofSession: async (tokenHash) => (await sql.rows<Customer>(OF_SESSION, [tokenHash]))[0],
    closeSessions: (customerId) => sql.run(CLOSE_SESSIONS, [customerId]),
    gatewayRef,
    async setGatewayRef(customerId, gateway, customerRef) {
      await sql.run(SET_GATEWAY_REF, [customerId, gateway, customerRef]);
      return (await gatewayRef(customerId, gateway)) ?? customerRef;
    },
  };
}

const METHOD_COLUMNS = `m.id, m.customer_id AS "customerId", m.gateway, m.token, m.customer_ref AS "customerRef", m.details, m.is_default AS "isDefault",
  m.created_at AS "createdAt"`;

const OF_CUSTOMER = prepared(`SELECT ${METHOD_COLUMNS} FROM saved_payment_methods m WHERE m.customer_id = $1 AND m.status = 'active'
  ORDER BY m.is_default DESC, m.id DESC LIMIT 100`);
const METHOD = prepared(`SELECT ${METHOD_COLUMNS} FROM saved_payment_methods m WHERE m.id = $1 AND m.status = 'active'`);
const BY_TOKEN = prepared(`SELECT ${METHOD_COLUMNS} FROM saved_payment_methods m WHERE m.gateway = $1 AND m.token = $2 AND m.customer_id = $3
  AND m.status = 'active'`);
// One at a time for a customer: the locked row decides who is the default.
const LOCK_CUSTOMER = prepared('SELECT 1 FROM customers WHERE id = $1 FOR UPDATE');
const REMEMBER = prepared(`INSERT INTO saved_payment_methods (id, customer_id, gateway, token, customer_ref, details, is_default)
  VALUES ($1, $2, $3, $4, $5, $6, NOT EXISTS (SELECT 1 FROM saved_payment_methods WHERE customer_id = $2 AND is_default))
  ON CONFLICT (gateway, token) DO NOTHING`);
const NO_DEFAULT = prepared(`UPDATE saved_payment_methods SET is_default = false WHERE customer_id = $1 AND is_default AND id <> $2
  AND EXISTS (SELECT 1 FROM saved_payment_methods WHERE customer_id = $1 AND id = $2 AND status = 'active')`);
const SET_DEFAULT = prepared(`UPDATE saved_payment_methods SET is_default = true WHERE customer_id = $1 AND id = $2 AND status = 'active'`);
const REMOVE = prepared(`UPDATE saved_payment_methods SET status = 'removed', is_default = false, removed_at = coalesce(removed_at, now())
  WHERE customer_id = $1 AND id = $2 AND status = 'active'`);
const NEXT_DEFAULT = prepared(`UPDATE saved_payment_methods SET is_default = true WHERE id = (SELECT id FROM saved_payment_methods
    WHERE customer_id = $1 AND status = 'active' ORDER BY id DESC LIMIT 1)
  AND NOT EXISTS (SELECT 1 FROM saved_payment_methods WHERE customer_id = $1 AND is_default)`);
const OPEN_SETUP = prepared(`INSERT INTO payment_method_setups (id, customer_id, gateway, make_default) SELECT $1, $2, $3, $4
  WHERE (SELECT count(*) FROM payment_method_setups WHERE customer_id = $2 AND created_at > $6) < $5::int`);
const SETUP = prepared(`SELECT id, customer_id AS "customerId", gateway, setup_ref AS "setupRef", make_default AS "makeDefault",
    saved_method_id AS "savedMethodId" FROM payment_method_setups WHERE id = $1`);
const UPDATE_SETUP = prepared(`UPDATE payment_method_setups SET setup_ref = coalesce($2, setup_ref), saved_method_id = coalesce($3, saved_method_id) WHERE id = $1`);

/** Saved payment methods in Postgres. */
export function createSavedMethodStore(sql: Sql): SavedMethodStore {
  return {
    ofCustomer: (customerId) => sql.rows<SavedMethod>(OF_CUSTOMER, [customerId]),
    get: async (id) => (await sql.rows<SavedMethod>(METHOD, [id]))[0],
    async remember(newId, customerId, gateway, { token, customerRef, details }) {
      await sql.rows(LOCK_CUSTOMER, [customerId]);
      await sql.run(REMEMBER, [newId, customerId, gateway, token, customerRef, details]);
      return (await sql.rows<SavedMethod>(BY_TOKEN, [gateway, token, customerId]))[0];
    },
    async setDefault(customerId, id) {
      await sql.rows(LOCK_CUSTOMER, [customerId]);
      await sql.run(NO_DEFAULT, [customerId, id]);
      return (await sql.run(SET_DEFAULT, [customerId, id])) === 1;
    },
    async remove(customerId, id) {
      await sql.rows(LOCK_CUSTOMER, [customerId]);
      const removed = (await sql.run(REMOVE, [customerId, id])) === 1;
      await sql.run(NEXT_DEFAULT, [customerId]);
      return removed;
    },
    async openSetup({ id, customerId, gateway, makeDefault }, { setups, since }) {
      await sql.rows(LOCK_CUSTOMER, [customerId]);
      return (await sql.run(OPEN_SETUP, [id, customerId, gateway, makeDefault, setups, since])) === 1;
    },
    getSetup: async (id) => (await sql.rows<MethodSetup>(SETUP, [id]))[0],
    async updateSetup(id, { setupRef, savedMethodId }) {
      await sql.run(UPDATE_SETUP, [id, setupRef ?? null, savedMethodId ?? null]);
    },
  };
}
