import { isIP } from 'node:net';
import { isCountryCode } from '../../../domain/checkout/countries.ts';
import {
  assertNotRepeated,
  isPersonalKind,
  type FraudListEntry,
  type ListEffect,
  type ListKind,
} from '../../../domain/checkout/fraud/fraud-list.ts';
import { normalizeEmail } from '../../../domain/shared/email.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import type { Page, PageRequest } from '../../../domain/shared/page.ts';
import type { Stores, Work } from '../../stores.ts';
import type { KeyedHash } from '../cart-tokens.ts';

export interface ListEntryAddition {
  readonly effect: ListEffect;
  readonly kind: ListKind;
  /** What to list, as it reads; only its keyed hash is kept where it is personal. */
  readonly value?: string | undefined;
  /** Instead of a value: that of this checkout. */
  readonly checkoutId?: string | undefined;
  readonly label: string;
  readonly reason: string;
  readonly expiresAt?: Date | undefined;
  readonly actor: string;
}

/** The lists as operators manage them. */
export interface FraudListService {
  /** Newest first. */
  list(page: PageRequest, filter: { effect?: ListEffect; kind?: ListKind; expired?: boolean }): Promise<Page<FraudListEntry>>;
  /** Adds it, or renews the one that is there. Raises INVALID_INPUT, and NOT_FOUND for a checkout that lacks it. */
  add(entry: ListEntryAddition): Promise<FraudListEntry>;
  /** Raises NOT_FOUND. */
  remove(removal: { id: string; actor: string }): Promise<FraudListEntry>;
}

const MAX_VALUE_LENGTH = 254;
const DOMAIN =
  /^(?=.{1,253}$)([\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{N}][\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}]$/u;

/** The key under which a checkout would meet the value. */
function keyOfValue(kind: ListKind, value: string, keyedHash: KeyedHash): string {
  if (value === '' || value.length > MAX_VALUE_LENGTH) throw invalid('value', `Must have 1 to ${MAX_VALUE_LENGTH} characters`);
  switch (kind) {
    case 'email':
      return keyedHash('email', normalizeEmail(value, 'value').toLowerCase());
    case 'email_domain':
      if (!DOMAIN.test(value.toLowerCase())) throw invalid('value', 'Must be a domain such as example.com');
      return value.toLowerCase();
    case 'country':
      if (!isCountryCode(value)) throw invalid('value', 'Must be an ISO 3166-1 alpha-2 code in capitals');
      return value;
    case 'network':
      if (isIP(value) === 0) throw invalid('value', 'Must be an IPv4 or IPv6 address');
      return keyedHash('network', value);
    case 'card':
      // Whoever pastes a card number here must not make us keep even its hash: there are too few numbers to hide one.
      if (/^[\d\s-]{12,}$/.test(value)) throw invalid('value', "Must be the gateway's fingerprint of the card, never its number");
      return keyedHash('card', value);
    case 'address':
      throw invalid('value', 'Name a checkout by checkoutId: an address has too many spellings');
  }
}

export function createFraudListService({
  work,
  newId,
  keyedHash,
  now,
}: {
  work: Work;
  newId: IdGenerator;
  keyedHash: KeyedHash;
  now: () => Date;
}): FraudListService {
  async function keyOfCheckout(stores: Stores, kind: ListKind, checkoutId: string): Promise<string> {
    if (!isPersonalKind(kind))
      throw invalid('checkoutId', `Give a value: a ${kind.replace('_', ' ')} is not taken from a checkout`);
    const keys = await stores.fraud.lists.keysOf(checkoutId);
    if (!keys) throw notFound('The checkout', 'checkoutId');
    const key = keys[kind];
    if (key === null) throw notFound(`The checkout's ${kind}`, 'checkoutId');
    return key;
  }

  return {
    list: (page, filter) => work.stores.fraud.lists.list(page, filter),

    async add({ effect, kind, value, checkoutId, label, reason, expiresAt, actor }) {
      if ((value === undefined) === (checkoutId === undefined)) throw invalid('value', 'Give either value or checkoutId');
      if (expiresAt && expiresAt <= now()) throw invalid('expiresAt', 'Must be in the future');
      const written = value?.trim();
      if (written !== undefined && isPersonalKind(kind)) {
        assertNotRepeated(written, label, 'label');
        assertNotRepeated(written, reason, 'reason');
      }
      return work.transaction(async (stores) => {
        const key =
          written === undefined ? await keyOfCheckout(stores, kind, checkoutId ?? '') : keyOfValue(kind, written, keyedHash);
        const id = newId('fraudListEntry');
        const entry = await stores.fraud.lists.put(
          { id, effect, kind, key, label, reason, actor, expiresAt: expiresAt ?? null },
          'renew',
        );
        const detail = {
          effect,
          kind,
          reason,
          renewed: entry.id !== id,
          ...(checkoutId !== undefined && { checkoutId }),
          ...(expiresAt && { expiresAt }),
        };
        await stores.audit.append({ actor, action: 'fraud_list.entry_added', subjectId: entry.id, detail });
        return entry;
      });
    },

    remove: ({ id, actor }) =>
      work.transaction(async (stores) => {
        const removed = await stores.fraud.lists.remove(id);
        if (!removed) throw notFound('The entry', 'id');
        const { effect, kind, label, reason } = removed;
        await stores.audit.append({
          actor,
          action: 'fraud_list.entry_removed',
          subjectId: id,
          detail: { effect, kind, label, reason },
        });
        return removed;
      }),
  };
}
