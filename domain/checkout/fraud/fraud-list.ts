import { invalid } from '../../shared/errors.ts';
import type { Page, PageRequest } from '../../shared/page.ts';

export const LIST_KINDS = ['email', 'email_domain', 'card', 'address', 'network', 'country'] as const;

export type ListKind = (typeof LIST_KINDS)[number];
export type ListEffect = 'block' | 'allow';

/** Kinds that stand for a person: stored as keyed hashes only. */
export type PersonalKind = Extract<ListKind, 'email' | 'card' | 'address' | 'network'>;

export const isPersonalKind = (kind: ListKind): kind is PersonalKind => kind !== 'email_domain' && kind !== 'country';

/** Somebody or something that the store blocks, or trusts whatever the score. */
export interface FraudListEntry {
  readonly id: string;
  readonly effect: ListEffect;
  readonly kind: ListKind;
  /** A keyed hash; for `email_domain` and `country` the value itself. */
  readonly key: string;
  /** By which operators recognize it. */
  readonly label: string;
  readonly reason: string;
  readonly actor: string;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

export type NewListEntry = Omit<FraudListEntry, 'createdAt'>;

/** One thing about a checkout that a list may name. */
export interface ListKey {
  readonly kind: ListKind;
  readonly key: string;
}

/** An entry that names something about a checkout. */
export type ListMatch = Pick<FraudListEntry, 'id' | 'effect' | 'kind' | 'key'>;

/** Where the lists are kept. Entries that expired match nothing. */
export interface FraudListStore {
  matches(keys: readonly ListKey[]): Promise<ListMatch[]>;
  /** By what a checkout can be listed; its card is null until one was authorized. */
  keysOf(checkoutId: string): Promise<Record<PersonalKind, string | null> | undefined>;
  /** Adds it, or renews the one of the same effect and key; `keep` leaves one that has not expired as it is. */
  put(entry: NewListEntry, existing: 'renew' | 'keep'): Promise<FraudListEntry>;
  /** Undefined when there was none. */
  remove(id: string): Promise<FraudListEntry | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: { effect?: ListEffect; kind?: ListKind; expired?: boolean }): Promise<Page<FraudListEntry>>;
}

/** The domain and those above it, down to two labels: an entry for `example.com` names `mail.example.com` too. */
export function domainAndAbove(domain: string): string[] {
  const labels = domain.toLowerCase().replace(/\.$/, '').split('.');
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
}

export type ListVerdict = { readonly effect: ListEffect; readonly match: ListMatch };

/**
 * What the lists say of a checkout: block beats allow. Any country of it may be blocked, but an allowed country counts only when
 * every country of it is allowed: a stolen foreign card must not profit from a trusted shipping address.
 */
export function listVerdict(matches: readonly ListMatch[], countries: readonly string[]): ListVerdict | undefined {
  const blocked = matches.find(({ effect }) => effect === 'block');
  if (blocked) return { effect: 'block', match: blocked };
  const allowed = matches.filter(({ effect }) => effect === 'allow');
  const everyCountry = countries.every((country) => allowed.some(({ kind, key }) => kind === 'country' && key === country));
  const counting = allowed.find(({ kind }) => kind !== 'country' || everyCountry);
  return counting && { effect: 'allow', match: counting };
}

/** Refuses a text that repeats the value which is kept as a hash only. Throws `INVALID_INPUT`. */
export function assertNotRepeated(value: string, text: string, field: string): void {
  if (text.toLowerCase().includes(value.toLowerCase()))
    throw invalid(field, 'Must not repeat the value: it is stored as a keyed hash only');
}
