import { randomBytes } from 'node:crypto';
import { makeGiftCardCode } from '../../domain/payments/gift-card-code.ts';
import type { StoredValueAccount } from '../../domain/payments/stored-value.ts';
import type { StoredValueService } from '../../domain/payments/stored-value-service.ts';
import { normalizeEmail } from '../../domain/shared/email.ts';
import { DomainError, invalid, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { isCurrencyCode, MAX_AMOUNT, type Money } from '../../domain/shared/money.ts';
import type { KeyedHash } from '../checkout/cart-tokens.ts';
import type { Stores, Work } from '../stores.ts';
import { creditCustomer } from './credit-customer.ts';
import { giftCardHash } from './gift-card-hash.ts';

const CODE_BYTES = 15;

function assertAmount({ amount, currency }: Money): void {
  if (!Number.isSafeInteger(amount) || amount < 1 || amount > MAX_AMOUNT) throw invalid('amount.amount', `Must be 1 to ${MAX_AMOUNT} minor units`);
  if (!isCurrencyCode(currency)) throw invalid('amount.currency', 'Must be an ISO 4217 code such as EUR');
}

/** Builds the operators' use cases over the stores. */
export function createStoredValueService(deps: { work: Work; newId: IdGenerator; keyedHash: KeyedHash; now: () => Date }): StoredValueService {
  const { work, newId, keyedHash, now } = deps;

  /** A command that may be repeated has its code from its id: the answer can be given again, though the code is kept nowhere. */
  const codeOf = (commandId: string | undefined): string =>
    makeGiftCardCode(commandId === undefined ? randomBytes(CODE_BYTES) : Buffer.from(keyedHash('gift_card_code', commandId), 'base64url'));

  async function read(stores: Stores, accountId: string): Promise<StoredValueAccount> {
    const account = await stores.storedValue.get(accountId);
    if (!account) throw notFound('The account', 'accountId');
    return account;
  }

  return {
    get: (accountId) => work.stores.storedValue.get(accountId),
    list: (page, filter) => work.stores.storedValue.list(page, filter),
    entries: (accountId, page) => work.stores.storedValue.entries(accountId, page),

    async issueGiftCard({ commandId, amount, expiresAt, reason = 'issued', actor }) {
      assertAmount(amount);
      if (expiresAt !== null && expiresAt <= now()) throw invalid('expiresAt', 'Must be in the future');
      const code = codeOf(commandId);
      const hash = giftCardHash(keyedHash, code);
      const newAccountId = newId('storedValueAccount');
      const account = await work.transaction(async (stores) => {
        await stores.storedValue.insert({
          id: newAccountId,
          kind: 'gift_card',
          currency: amount.currency,
          code: { hash, last4: code.slice(-4) },
          expiresAt,
        });
        const made = await stores.storedValue.findByCode(hash);
        if (!made) throw new Error('The gift card was neither made nor found');
        const { id } = made;
        if (made.currency !== amount.currency || made.expiresAt?.getTime() !== expiresAt?.getTime()) {
          throw new DomainError('IDEMPOTENCY_KEY_REUSED', 'The key was used for another gift card: send a new one', 'Idempotency-Key');
        }
        await stores.storedValue.move({ accountId: id, kind: 'issue', balanceDelta: amount.amount, key: `${id}/issue`, referenceId: id, reason, actor });
        if (id === newAccountId) {
          await stores.audit.append({ actor, action: 'gift_card.issue', subjectId: id, detail: { ...amount, reason } });
          const payload = { accountId: id, ...amount, codeLast4: code.slice(-4), expiresAt: expiresAt?.toISOString() ?? null, reason };
          await stores.outbox.append({ id: newId('event'), type: 'gift_card.issued', aggregateId: id, payload });
        }
        return read(stores, id);
      });
      return { account, code };
    },

    issueStoreCredit: async ({ email, customerId, amount, reason, reference, actor }) => {
      assertAmount(amount);
      const owner = { emailKey: keyedHash('email', normalizeEmail(email, 'email').toLowerCase()), customerId };
      return work.transaction(async (stores) => {
        const credit = { key: `issue/${reference}`, owner, ...amount, kind: 'issue' as const, reason, referenceId: reference, actor };
        const accountId = await creditCustomer(stores, newId, credit);
        await stores.audit.append({ actor, action: 'store_credit.issue', subjectId: accountId, detail: { ...amount, reason, reference } });
        return read(stores, accountId);
      });
    },

    adjust: async ({ accountId, amount, reason, reference, actor }) => {
      if (!Number.isSafeInteger(amount) || amount === 0 || Math.abs(amount) > MAX_AMOUNT) throw invalid('amount', 'Must be a whole number of minor units, not 0');
      return work.transaction(async (stores) => {
        await read(stores, accountId);
        const key = `adjust/${accountId}/${reference}`;
        const moved = await stores.storedValue.move({ accountId, kind: 'adjust', balanceDelta: amount, key, referenceId: reference, reason, actor });
        if (!moved) throw new DomainError('INVALID_TRANSITION', 'The account does not have so much that is not held', 'amount');
        await stores.audit.append({ actor, action: 'stored_value.adjust', subjectId: accountId, detail: { amount, reason, reference } });
        return read(stores, accountId);
      });
    },

    setStatus: async ({ accountId, status, reason, actor }) =>
      work.transaction(async (stores) => {
        const account = await stores.storedValue.setStatus(accountId, status, reason ?? null);
        if (!account) throw notFound('The account', 'accountId');
        await stores.audit.append({ actor, action: `stored_value.${status}`, subjectId: accountId, detail: { reason } });
        return account;
      }),
  };
}
