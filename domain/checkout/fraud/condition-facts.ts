import type { FraudFacts } from './fraud-facts.ts';
import { isThrowawayDomain } from './throwaway-mail.ts';

export type FactValue = number | string | boolean;

interface FactDefinition<Type extends 'number' | 'text' | 'flag', Value> {
  readonly type: Type;
  /** For an operator who writes a rule. */
  readonly description: string;
  /** Undefined while it is not known. */
  readonly read: (facts: FraudFacts) => Value | undefined;
}

const number = (description: string, read: (facts: FraudFacts) => number | undefined): FactDefinition<'number', number> => ({
  type: 'number',
  description,
  read,
});
const text = (description: string, read: (facts: FraudFacts) => string | undefined): FactDefinition<'text', string> => ({
  type: 'text',
  description,
  read,
});
const flag = (description: string, read: (facts: FraudFacts) => boolean | undefined): FactDefinition<'flag', boolean> => ({
  type: 'flag',
  description,
  read,
});

/** The domain of an e-mail address in lower case. */
export const emailDomain = (email: string): string => email.slice(email.lastIndexOf('@') + 1).toLowerCase();

/** What a custom rule may look at: numbers, codes and one domain, but nothing that tells who somebody is. */
export const CONDITION_FACTS = {
  amount: number('The total in minor units of its currency', (facts) => facts.amount),
  'amount.timesMean': number("The total divided by the store's mean order in the currency", ({ amount, norm }) =>
    norm.orders > 0 && norm.meanAmount > 0 ? amount / norm.meanAmount : undefined,
  ),
  currency: text('ISO 4217', (facts) => facts.currency),
  'shipping.country': text('ISO 3166-1 alpha-2', (facts) => facts.shippingCountry),
  'billing.country': text('ISO 3166-1 alpha-2', (facts) => facts.billingCountry),
  'card.country': text('ISO 3166-1 alpha-2, of the issuing bank; known after authorization', (facts) => facts.card?.country),
  'email.domain': text('In lower case', (facts) => emailDomain(facts.email)),
  'email.throwaway': flag('A service for throw-away mailboxes', (facts) => isThrowawayDomain(emailDomain(facts.email))),
  'gateway.score': number("The gateway's own score, 0 to 100; known after authorization", (facts) => facts.gatewayRiskScore),
  'scorer.score': number('The score of the store’s scorer, 0 to 100; known after authorization', ({ externalScore }) =>
    externalScore?.state === 'scored' ? externalScore.score : undefined,
  ),
  'store.orders': number('Orders of the store in the currency so far', (facts) => facts.norm.orders),
  'velocity.emailLastHour': number('Other checkouts with the e-mail address', ({ velocity }) => velocity.emailLastHour),
  'velocity.addressLastHour': number('Other checkouts to the address', ({ velocity }) => velocity.addressLastHour),
  'velocity.networkLastHour': number('Other checkouts from the network', ({ velocity }) => velocity.networkLastHour),
  'velocity.cardLastHour': number('Other checkouts with the card', ({ velocity }) => velocity.cardLastHour),
  'velocity.distinctCardsByEmailLastDay': number(
    'Different cards with the e-mail address',
    ({ velocity }) => velocity.distinctCardsByEmailLastDay,
  ),
  'velocity.declinesByNetworkLastHour': number(
    'Declined payments from the network',
    ({ velocity }) => velocity.declinesByNetworkLastHour,
  ),
} as const satisfies Record<string, FactDefinition<'number' | 'text' | 'flag', FactValue>>;

export type FactName = keyof typeof CONDITION_FACTS;

export const FACT_NAMES = Object.keys(CONDITION_FACTS) as readonly FactName[];

export const isFactName = (name: unknown): name is FactName => typeof name === 'string' && Object.hasOwn(CONDITION_FACTS, name);

export const readFact = (name: FactName, facts: FraudFacts): FactValue | undefined => CONDITION_FACTS[name].read(facts);

/** Every fact that is known, for operators and scorers. The e-mail's domain stays out: a family's own domain tells who it is. */
export function shareableFacts(facts: FraudFacts): Partial<Record<FactName, FactValue>> {
  const shared: Partial<Record<FactName, FactValue>> = {};
  for (const name of FACT_NAMES) {
    const value = name === 'email.domain' ? undefined : readFact(name, facts);
    if (value !== undefined) shared[name] = value;
  }
  return shared;
}
