import type { BuyerKeys } from '../../../domain/checkout/checkout-store.ts';
import { emailDomain } from '../../../domain/checkout/fraud/condition-facts.ts';
import { domainAndAbove, type ListKey } from '../../../domain/checkout/fraud/fraud-list.ts';

/** What the lists may name about a checkout. Its keys are those that velocity counts by. */
export function listKeysOf(checkout: {
  readonly email: string;
  readonly keys: BuyerKeys;
  readonly cardKey: string | undefined;
  readonly countries: readonly string[];
}): ListKey[] {
  const { email, keys, cardKey, countries } = checkout;
  return [
    { kind: 'email', key: keys.email },
    { kind: 'address', key: keys.address },
    { kind: 'network', key: keys.network },
    ...(cardKey === undefined ? [] : [{ kind: 'card', key: cardKey } as const]),
    ...domainAndAbove(emailDomain(email)).map((key) => ({ kind: 'email_domain', key }) as const),
    ...[...new Set(countries)].map((key) => ({ kind: 'country', key }) as const),
  ];
}
