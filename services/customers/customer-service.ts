import { createHash, randomBytes } from 'node:crypto';
import type { CustomerService } from '../../domain/customers/customer-service.ts';
import { normalizeEmail } from '../../domain/shared/email.ts';
import { DomainError, invalid, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Work } from '../stores.ts';

const LONGEST_SESSION_SECONDS = 24 * 3_600;
const TOKEN = /^[A-Za-z0-9_-]{32}$/;

/** What is stored of a session's token. */
const hashOf = (token: string): Uint8Array => createHash('sha256').update(`customer:${token}`).digest();

/** Builds the use cases of customers over the stores. */
export function createCustomerService(deps: { work: Work; newId: IdGenerator; now: () => Date }): CustomerService {
  const { work, newId, now } = deps;
  return {
    create: async ({ email, actor }) => {
      const address = normalizeEmail(email, 'email').toLowerCase();
      const id = newId('customer');
      return work.transaction(async (stores) => {
        const inserted = await stores.customers.insert({ id, email: address });
        if (!inserted) throw new DomainError('CONFLICT', 'There is a customer with this address', 'email');
        await stores.audit.append({ actor, action: 'customer.create', subjectId: id });
        await stores.outbox.append({ id: newId('event'), type: 'customer.created', aggregateId: id, payload: { customerId: id, email: address } });
        const customer = await stores.customers.get(id);
        if (!customer) throw new Error(`Customer ${id} was written and not found`);
        return customer;
      });
    },
    get: (id) => work.stores.customers.get(id),
    list: (page, { email }) => work.stores.customers.list(page, email === undefined ? {} : { email: email.toLowerCase() }),

    async openSession(customerId, { ttlSeconds, actor }) {
      if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > LONGEST_SESSION_SECONDS) {
        throw invalid('ttlSeconds', `Must be 1 to ${LONGEST_SESSION_SECONDS}`);
      }
      const token = randomBytes(24).toString('base64url');
      const expiresAt = new Date(now().getTime() + ttlSeconds * 1000);
      await work.transaction(async (stores) => {
        if (!(await stores.customers.get(customerId))) throw notFound('The customer', 'customerId');
        await stores.customers.openSession({ tokenHash: hashOf(token), customerId, expiresAt });
        await stores.audit.append({ actor, action: 'customer.session_open', subjectId: customerId });
      });
      return { token, expiresAt };
    },
    closeSessions: (customerId, actor) =>
      work.transaction(async (stores) => {
        if (!(await stores.customers.get(customerId))) throw notFound('The customer', 'customerId');
        await stores.audit.append({ actor, action: 'customer.sessions_close', subjectId: customerId });
        return stores.customers.closeSessions(customerId);
      }),
    ofSession: async (token) => (TOKEN.test(token) ? work.stores.customers.ofSession(hashOf(token)) : undefined),
  };
}
