import type { Collection, CollectionTry } from '../../domain/orders/collections/collection.ts';
import type { CollectionStore } from '../../domain/orders/collections/collection-store.ts';
import { prepared, type Sql, type Statement } from './database.ts';
import { newestFirst } from './paging.ts';

const collections = (rest: string): Statement =>
  prepared(`SELECT c.id, c.order_id AS "orderId", o.number AS "orderNumber", o.channel_id AS "channelId", c.edit_id AS "editId", c.currency, c.amount, c.status,
    c.saved_method_id AS "savedMethodId", c.expires_at AS "expiresAt", c.reminded_at AS "remindedAt", c.payment_id AS "paymentId", c.created_at AS "createdAt", c.ended_at AS "endedAt"
  FROM collections c JOIN orders o ON o.id = c.order_id WHERE ${rest}`);

const tries = (rest: string): Statement =>
  prepared(`SELECT t.payment_id AS "paymentId", t.collection_id AS "collectionId", p.gateway, p.status, p.method_token AS "methodToken", t.off_session AS "offSession", t.return_url AS "returnUrl",
    p.captured - p.refunded - p.refund_pending - p.credited AS held, t.action, t.decline
  FROM collection_payments t JOIN payments p ON p.id = t.payment_id WHERE ${rest}`);

const INSERT = prepared('INSERT INTO collections (id, order_id, edit_id, currency, amount, saved_method_id) VALUES ($1, $2, $3, $4, $5, $6)');
const GET = collections('c.id = $1');
const LOCK = collections('c.id = $1 FOR UPDATE OF c');
const BY_TOKEN = collections('c.token_hash = $1');
const UNPAID_OF_ORDER = collections("c.order_id = $1 AND c.status IN ('open', 'expired') ORDER BY c.id DESC LIMIT 1");
const LIST = collections('($1::text IS NULL OR c.id < $1) AND ($3::text IS NULL OR c.order_id = $3) AND ($4::text IS NULL OR c.status = $4) ORDER BY c.id DESC LIMIT $2');
const OF_PAYMENT = prepared('SELECT collection_id AS id FROM collection_payments WHERE payment_id = $1');
const ANNOUNCE = prepared('UPDATE collections SET token_hash = $2, expires_at = $3 WHERE id = $1');
const MARK_REMINDED = prepared('UPDATE collections SET reminded_at = now() WHERE id = $1');
const END = prepared('UPDATE collections SET status = $2, payment_id = coalesce($3, payment_id), ended_at = now() WHERE id = $1');
const ADD_TRY = prepared('INSERT INTO collection_payments (payment_id, collection_id, request_id, off_session, return_url) VALUES ($1, $2, $3, $4, $5)');
const TRY_OF_REQUEST = tries('t.request_id = $1');
const TRY_OF = tries('t.payment_id = $1');
const TRIES = tries('t.collection_id = $1 ORDER BY t.payment_id');
const NOTE_TRY = prepared('UPDATE collection_payments SET action = $2, decline = $3 WHERE payment_id = $1');
const STOREFRONT_URL = prepared(`SELECT ch.storefront_url AS url FROM collections c JOIN orders o ON o.id = c.order_id JOIN channels ch ON ch.id = o.channel_id WHERE c.id = $1`);

/** Balances that are due, in Postgres. */
export function createCollectionStore(sql: Sql): CollectionStore {
  const one = async (statement: Statement, value: string | Uint8Array): Promise<Collection | undefined> => (await sql.rows<Collection>(statement, [value]))[0];
  const oneTry = async (statement: Statement, value: string): Promise<CollectionTry | undefined> => (await sql.rows<CollectionTry>(statement, [value]))[0];
  return {
    async insert({ id, orderId, editId, currency, amount, savedMethodId }) {
      await sql.run(INSERT, [id, orderId, editId, currency, amount, savedMethodId]);
    },
    get: (collectionId) => one(GET, collectionId),
    lock: (collectionId) => one(LOCK, collectionId),
    findByToken: (tokenHash) => one(BY_TOKEN, tokenHash),
    unpaidOfOrder: (orderId) => one(UNPAID_OF_ORDER, orderId),
    list: (page, { orderId, status }) => newestFirst<Collection>(sql, LIST, page, [orderId ?? null, status ?? null]),
    ofPayment: async (paymentId) => (await sql.rows<{ id: string }>(OF_PAYMENT, [paymentId]))[0]?.id,
    async announce(collectionId, { tokenHash, expiresAt }) {
      await sql.run(ANNOUNCE, [collectionId, tokenHash, expiresAt]);
    },
    async markReminded(collectionId) {
      await sql.run(MARK_REMINDED, [collectionId]);
    },
    async end(collectionId, { status, paymentId }) {
      await sql.run(END, [collectionId, status, paymentId ?? null]);
    },
    async addTry({ paymentId, collectionId, requestId, offSession, returnUrl }) {
      await sql.run(ADD_TRY, [paymentId, collectionId, requestId, offSession, returnUrl]);
    },
    tryOfRequest: (requestId) => oneTry(TRY_OF_REQUEST, requestId),
    tryOf: (paymentId) => oneTry(TRY_OF, paymentId),
    tries: (collectionId) => sql.rows<CollectionTry>(TRIES, [collectionId]),
    async noteTry(paymentId, { action, decline }) {
      await sql.run(NOTE_TRY, [paymentId, action, decline]);
    },
    storefrontUrl: async (collectionId) => (await sql.rows<{ url: string | null }>(STOREFRONT_URL, [collectionId]))[0]?.url ?? null,
  };
}
