import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assessFraud, DEFAULT_FRAUD_SETTINGS } from './assess-fraud.ts';
import type { CheckoutVelocity, FraudFacts } from './fraud-facts.ts';
import type { ListMatch } from './fraud-list.ts';
import { FRAUD_RULE_NAMES } from './fraud-rules.ts';
import { anyFacts, harmless, quiet } from '../../../tests/support/fraud-facts.ts';

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
        assert.deepEqual(some, all.filter((reason) => !disabled.some((rule) => rule === reason.rule)));
      }),
    );
  });

  it('counts the scorer in proportion to its score', () => {
    const scored = (score: number) => assess({ externalScore: { state: 'scored', scorer: 'risk.example', score, reasons: ['new device'] } });
    assert.deepEqual(points(scored(0)), []);
    assert.deepEqual(points(scored(50)), [['external_score', 30]]);
    assert.equal(scored(80).decision, 'accept');
    assert.equal(scored(90).decision, 'review');
    assert.equal(scored(100).decision, 'review', 'it needs company to reject');
    assert.equal(scored(50).reasons[0]?.detail, 'Scored 50 of 100 by risk.example: new device');
  });

  it('sends what the scorer said nothing about into review, never into rejection', () => {
    const unavailable = { state: 'unavailable', scorer: 'risk.example' } as const;
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { externalScore: _said, ...others } = facts;
        const without = assessFraud(others, DEFAULT_FRAUD_SETTINGS);
        const { decision, score } = assessFraud({ ...others, externalScore: unavailable }, DEFAULT_FRAUD_SETTINGS);
        assert.equal(decision, without.decision === 'accept' ? 'review' : without.decision);
        assert.equal(score, Math.max(without.score, DEFAULT_FRAUD_SETTINGS.reviewAt));
      }),
    );
    const deaf = { ...DEFAULT_FRAUD_SETTINGS, disabled: ['external_score'] as const };
    assert.equal(assessFraud({ ...harmless, externalScore: unavailable }, deaf).decision, 'accept');
  });

  it("adds the store's own rules under their names", () => {
    const when = { all: [{ fact: 'amount', op: '>=', value: 5_000 }, { fact: 'card.country', op: 'notIn', value: ['US'] }] } as const;
    const settings = { ...DEFAULT_FRAUD_SETTINGS, customRules: [{ name: 'high_abroad', label: 'Much money from abroad', weight: 55, when }] };
    assert.deepEqual(assessFraud(harmless, settings).reasons, [{ rule: 'custom:high_abroad', weight: 55, detail: 'Much money from abroad' }]);
    assert.equal(assessFraud({ ...harmless, card: {} }, settings).score, 0, 'what is not known is no sign');
  });

  const match = (effect: 'block' | 'allow', kind: ListMatch['kind'] = 'card', key = 'key'): ListMatch => ({ id: `flist_${effect}`, effect, kind, key });
  const strictness = { accept: 0, review: 1, reject: 2 };

  it('lets the lists decide whatever the score: block, then allow', () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(200), fc.nat(200), (facts, reviewAt, more) => {
        const settings = { reviewAt, rejectAt: reviewAt + more };
        const listed = (...matches: ListMatch[]) => assessFraud({ ...facts, listed: matches }, settings);
        assert.equal(listed(match('block')).decision, 'reject');
        assert.equal(listed(match('allow')).decision, 'accept');
        assert.equal(listed(match('allow'), match('block')).decision, 'reject');
        assert.equal(listed(match('allow')).score, assessFraud(facts, settings).score, 'trust hides no sign');
      }),
    );
  });

  it('trusts an allowed country only when every country of the checkout is one', () => {
    const risky = { ...harmless, gatewayRiskScore: 80, card: { country: 'US' } };
    const decision = (...countries: string[]) => assess({ ...risky, listed: countries.map((key) => match('allow', 'country', key)) }).decision;
    assert.equal(decision('DE'), 'reject');
    assert.equal(decision('DE', 'US'), 'accept');
    assert.equal(assess({ listed: [match('block', 'country', 'DE')] }).decision, 'reject');
  });

  it('is never milder for a higher weight, another rule or a lower threshold', () => {
    const always = { name: 'always', label: 'Always', weight: 10, when: { fact: 'amount', op: '>=', value: 0 } } as const;
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...FRAUD_RULE_NAMES), fc.nat(200), fc.nat(200), fc.nat(100), (facts, rule, weight, more, lower) => {
        const settings = { ...DEFAULT_FRAUD_SETTINGS, weights: { [rule]: weight } };
        const base = strictness[assessFraud(facts, settings).decision];
        const stricter = [
          { ...settings, weights: { [rule]: weight + more } },
          { ...settings, customRules: [always] },
          { ...settings, reviewAt: Math.max(0, settings.reviewAt - lower) },
          { ...settings, rejectAt: Math.max(settings.reviewAt, settings.rejectAt - lower) },
        ];
        for (const other of stricter) assert.ok(strictness[assessFraud(facts, other).decision] >= base);
      }),
    );
  });
});
