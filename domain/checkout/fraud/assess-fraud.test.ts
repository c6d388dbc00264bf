import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assessFraud, DEFAULT_FRAUD_SETTINGS } from './assess-fraud.ts';
import type { CheckoutVelocity, FraudFacts } from './fraud-facts.ts';
import { FRAUD_RULE_NAMES } from './fraud-rules.ts';

const quiet: CheckoutVelocity = {
  emailLastHour: 0,
  addressLastHour: 0,
  networkLastHour: 0,
  cardLastHour: 0,
  distinctCardsByEmailLastDay: 0,
  declinesByNetworkLastHour: 0,
};
const harmless: FraudFacts = {
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
const assess = (changes: Partial<FraudFacts>) => assessFraud({ ...harmless, ...changes }, DEFAULT_FRAUD_SETTINGS);
const assessVelocity = (changes: Partial<CheckoutVelocity>) => assess({ velocity: { ...quiet, ...changes } });
const points = (assessment: ReturnType<typeof assess>) => assessment.reasons.map(({ rule, weight }) => [rule, weight]);
const counts = fc.nat(100_000);

describe('assessFraud', () => {
  it('accepts an ordinary checkout without a reason, before and after authorization', () => {
    assert.deepEqual(assess({}), { score: 0, decision: 'accept', reasons: [] });
    const { card: _card, gatewayRiskScore: _score, ...before } = harmless;
    assert.deepEqual(assessFraud(before, DEFAULT_FRAUD_SETTINGS), { score: 0, decision: 'accept', reasons: [] });
  });

  it('counts half a weight from the first threshold, all of it from the second', () => {
    const cases: [keyof CheckoutVelocity, string, elevated: number, high: number, weight: number][] = [
      ['emailLastHour', 'email_velocity', 5, 10, 35],
      ['cardLastHour', 'card_velocity', 5, 10, 35],
      ['addressLastHour', 'address_velocity', 10, 25, 20],
      ['networkLastHour', 'network_velocity', 30, 100, 20],
      ['declinesByNetworkLastHour', 'network_declines', 5, 15, 50],
      ['distinctCardsByEmailLastDay', 'many_cards', 3, 5, 50],
    ];
    for (const [measure, rule, elevated, high, weight] of cases) {
      assert.deepEqual(points(assessVelocity({ [measure]: elevated - 1 })), [], measure);
      assert.deepEqual(points(assessVelocity({ [measure]: elevated })), [[rule, Math.round(weight / 2)]], measure);
      assert.deepEqual(points(assessVelocity({ [measure]: high })), [[rule, weight]], measure);
    }
  });

  it('forgives a busy network the declines that come with its checkouts', () => {
    assert.deepEqual(points(assessVelocity({ networkLastHour: 29, declinesByNetworkLastHour: 7 })), []);
    assert.deepEqual(points(assessVelocity({ networkLastHour: 28, declinesByNetworkLastHour: 7 })), [['network_declines', 25]]);
    assert.deepEqual(points(assessVelocity({ networkLastHour: 400, declinesByNetworkLastHour: 190 })), [
      ['network_declines', 25],
      ['network_velocity', 20],
    ]);
    assert.equal(assessVelocity({ networkLastHour: 400, declinesByNetworkLastHour: 390 }).decision, 'review');
  });

  it('measures the amount by deviations from 30 orders on, by multiples before', () => {
    assert.deepEqual(points(assess({ amount: 10_999 })), []);
    assert.deepEqual(points(assess({ amount: 11_000 })), [['unusual_amount', 15]]);
    assert.deepEqual(points(assess({ amount: 17_000 })), [['unusual_amount', 30]]);
    assert.match(assess({ amount: 17_000 }).reasons[0]?.detail ?? '', /6\.0 standard deviations/);

    const young = { orders: 29, meanAmount: 5_000, standardDeviation: 1 };
    assert.deepEqual(points(assess({ norm: young, amount: 49_999 })), []);
    assert.deepEqual(points(assess({ norm: young, amount: 50_000 })), [['unusual_amount', 15]]);
    assert.deepEqual(points(assess({ norm: young, amount: 100_000 })), [['unusual_amount', 30]]);
  });

  it('finds nothing unusual in the first order, in a cheap one, or in a little more than always the same', () => {
    assert.deepEqual(points(assess({ norm: { orders: 0, meanAmount: 0, standardDeviation: 0 }, amount: 900_000 })), []);
    assert.deepEqual(points(assess({ amount: 1 })), []);
    const uniform = { orders: 500, meanAmount: 5_000, standardDeviation: 0 };
    assert.deepEqual(points(assess({ norm: uniform, amount: 6_000 })), []);
    assert.deepEqual(points(assess({ norm: uniform, amount: 8_000 })), [['unusual_amount', 30]]);
  });

  it('compares the countries of shipping, billing and card', () => {
    assert.deepEqual(points(assess({ shippingCountry: 'FR' })), [['shipping_country', 15]]);
    assert.deepEqual(points(assess({ card: { country: 'US' } })), [['card_country', 25]]);
    assert.deepEqual(points(assess({ card: { country: 'FR' }, shippingCountry: 'FR' })), [
      ['shipping_country', 15],
      ['card_country', 13],
    ]);
    assert.deepEqual(points(assess({ card: {} })), []);
  });

  it('knows throw-away mailboxes by their domain or one above it', () => {
    for (const email of ['x@mailinator.com', 'x@eu.Mailinator.com', 'x@a.b.yopmail.com']) {
      assert.deepEqual(points(assess({ email })), [['throwaway_mail', 30]], email);
    }
    for (const email of ['x@notmailinator.com', 'x@mailinator.com.example.org', 'mailinator.com@example.org', 'x@com']) {
      assert.deepEqual(points(assess({ email })), [], email);
    }
  });

  it("takes the gateway's elevated risk for review and its highest for rejection", () => {
    assert.equal(assess({ gatewayRiskScore: 64 }).decision, 'accept');
    assert.equal(assess({ gatewayRiskScore: 65 }).decision, 'review');
    assert.equal(assess({ gatewayRiskScore: 74 }).decision, 'review');
    assert.equal(assess({ gatewayRiskScore: 75 }).decision, 'reject');
  });

  it('adds up signs that mean little alone, the weightiest first', () => {
    const assessment = assess({ email: 'x@yopmail.com', shippingCountry: 'FR', card: { country: 'US' }, amount: 20_000 });
    assert.deepEqual(
      assessment.reasons.map((reason) => reason.rule),
      ['unusual_amount', 'throwaway_mail', 'card_country', 'shipping_country'],
    );
    assert.deepEqual([assessment.score, assessment.decision], [100, 'reject']);
  });

  it("heeds the store's weights, thresholds and switched-off rules", () => {
    const facts = { ...harmless, email: 'x@yopmail.com', shippingCountry: 'FR' };
    assert.equal(assessFraud(facts, { reviewAt: 45, rejectAt: 46 }).decision, 'review');
    assert.equal(assessFraud(facts, { reviewAt: 45, rejectAt: 45 }).decision, 'reject');
    assert.equal(assessFraud(facts, { reviewAt: 50, rejectAt: 80, weights: { throwaway_mail: 70 } }).score, 85);
    const deaf = { reviewAt: 1, rejectAt: 2, weights: { throwaway_mail: 0 }, disabled: ['shipping_country'] as const };
    assert.deepEqual(assessFraud(facts, deaf), { score: 0, decision: 'accept', reasons: [] });
  });

  it('never rejects for the network alone, nor reviews for a crowded network and address', () => {
    fc.assert(
      fc.property(counts, counts, counts, (networkLastHour, declinesByNetworkLastHour, addressLastHour) => {
        assert.notEqual(assessVelocity({ networkLastHour, declinesByNetworkLastHour }).decision, 'reject');
        assert.equal(assessVelocity({ networkLastHour, addressLastHour }).decision, 'accept');
      }),
    );
  });

  const countries = fc.constantFrom('DE', 'FR', 'US');
  const anyFacts: fc.Arbitrary<FraudFacts> = fc.record({
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
  });

  it('explains its score by whole points, each rule at most once, without personal data', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { score, reasons } = assessFraud(facts, DEFAULT_FRAUD_SETTINGS);
        assert.equal(reasons.reduce((sum, reason) => sum + reason.weight, 0), score);
        assert.equal(new Set(reasons.map((reason) => reason.rule)).size, reasons.length);
        for (const { weight, detail } of reasons) {
          assert.ok(Number.isInteger(weight) && weight > 0);
          assert.match(detail, /^[A-Z0-9]/);
          assert.ok(!detail.includes('@') && !detail.includes('fp_secret') && !detail.includes(facts.email));
        }
      }),
    );
  });

  it('can be silenced rule by rule', () => {
    fc.assert(
      fc.property(anyFacts, fc.subarray([...FRAUD_RULE_NAMES]), (facts, disabled) => {
        const all = assessFraud(facts, DEFAULT_FRAUD_SETTINGS).reasons;
        const some = assessFraud(facts, { ...DEFAULT_FRAUD_SETTINGS, disabled }).reasons;
        assert.deepEqual(some, all.filter((reason) => !disabled.includes(reason.rule)));
      }),
    );
  });
});
