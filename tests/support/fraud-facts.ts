import fc from 'fast-check';
import type { CheckoutVelocity, FraudFacts } from '../../domain/checkout/fraud/fraud-facts.ts';

export const quiet: CheckoutVelocity = {
  emailLastHour: 0,
  addressLastHour: 0,
  networkLastHour: 0,
  cardLastHour: 0,
  distinctCardsByEmailLastDay: 0,
  declinesByNetworkLastHour: 0,
};

export const harmless: FraudFacts = {
  email: 'ada@example.com',
  amount: 5_000,
  currency: 'EUR',
  norm: { orders: 100, meanAmount: 5_000, standardDeviation: 2_000 },
  shippingCountry: 'DE',
  billingCountry: 'DE',
  velocity: quiet,
  card: { country: 'DE', fingerprint: 'fp_1' },
  gatewayRiskScore: 12,
};

const countries = fc.constantFrom('DE', 'FR', 'US');

/** Facts of a checkout after authorization. */
export const anyFacts: fc.Arbitrary<FraudFacts> = fc.record(
  {
    email: fc.oneof(fc.emailAddress(), fc.constant('Ada.Lovelace@yopmail.com')),
    amount: fc.nat(1_000_000),
    currency: fc.constant('EUR'),
    norm: fc.record({ orders: fc.nat(60), meanAmount: fc.nat(10_000), standardDeviation: fc.nat(5_000) }),
    shippingCountry: countries,
    billingCountry: countries,
    velocity: fc.record({
      emailLastHour: fc.nat(12),
      addressLastHour: fc.nat(30),
      networkLastHour: fc.nat(120),
      cardLastHour: fc.nat(12),
      distinctCardsByEmailLastDay: fc.nat(6),
      declinesByNetworkLastHour: fc.nat(120),
    }),
    card: fc.record({ country: countries, fingerprint: fc.constant('fp_secret') }),
    gatewayRiskScore: fc.nat(100),
    externalScore: fc.record({
      state: fc.constant('scored' as const),
      scorer: fc.constant('test'),
      score: fc.nat(100),
      reasons: fc.constant([]),
    }),
  },
  {
    requiredKeys: [
      'email',
      'amount',
      'currency',
      'norm',
      'shippingCountry',
      'billingCountry',
      'velocity',
      'card',
      'gatewayRiskScore',
    ],
  },
);
