import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CONDITION_FACTS, FACT_NAMES, shareableFacts, type FactName } from './condition-facts.ts';
import { CONDITION_LIMITS, evaluate, parseCondition, type Condition } from './condition.ts';
import { anyFacts, harmless } from '../../../tests/support/fraud-facts.ts';

const comparison = fc.constantFrom<FactName>(...FACT_NAMES).chain((fact): fc.Arbitrary<Condition> => {
  const { type } = CONDITION_FACTS[fact];
  const known = fc.record({ fact: fc.constant(fact), op: fc.constant('known' as const), value: fc.boolean() });
  if (type === 'number') {
    const ordering = fc.record({
      fact: fc.constant(fact),
      op: fc.constantFrom('<', '<=', '>', '>='),
      value: fc.integer({ min: -10, max: 200 }),
    });
    const list = fc.record({
      fact: fc.constant(fact),
      op: fc.constantFrom('in', 'notIn'),
      value: fc.array(fc.nat(100), { minLength: 1, maxLength: 5 }),
    });
    return fc.oneof(ordering, list, known);
  }
  if (type === 'flag')
    return fc.oneof(fc.record({ fact: fc.constant(fact), op: fc.constantFrom('=', '!='), value: fc.boolean() }), known);
  const text =
    fact === 'currency'
      ? fc.constantFrom('EUR', 'USD')
      : fact === 'email.domain'
        ? fc.constantFrom('example.com', 'yopmail.com')
        : fc.constantFrom('DE', 'FR', 'US');
  const equality = fc.record({ fact: fc.constant(fact), op: fc.constantFrom('=', '!='), value: text });
  return fc.oneof(
    equality,
    fc.record({
      fact: fc.constant(fact),
      op: fc.constantFrom('in', 'notIn'),
      value: fc.array(text, { minLength: 1, maxLength: 3 }),
    }),
    known,
  );
});

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    comparison,
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ),
}));

const partsOf = (value: Condition): number => {
  if ('all' in value) return 1 + value.all.reduce((sum, part) => sum + partsOf(part), 0);
  if ('any' in value) return 1 + value.any.reduce((sum, part) => sum + partsOf(part), 0);
  return 'not' in value ? 1 + partsOf(value.not) : 1;
};

const small = condition.filter((value) => partsOf(value) <= CONDITION_LIMITS.parts);

describe('conditions', () => {
  it('compare the facts of a checkout', () => {
    const cases: [unknown, boolean | undefined][] = [
      [
        {
          all: [
            { fact: 'amount', op: '>=', value: 5_000 },
            { fact: 'card.country', op: 'notIn', value: ['US'] },
          ],
        },
        true,
      ],
      [
        {
          all: [
            { fact: 'amount', op: '>', value: 5_000 },
            { fact: 'card.country', op: 'notIn', value: ['US'] },
          ],
        },
        false,
      ],
      [
        {
          any: [
            { fact: 'amount', op: '<', value: 5_000 },
            { fact: 'email.domain', op: '=', value: 'example.com' },
          ],
        },
        true,
      ],
      [{ not: { fact: 'currency', op: 'in', value: ['EUR', 'USD'] } }, false],
      [{ fact: 'email.throwaway', op: '=', value: false }, true],
      [{ fact: 'amount.timesMean', op: '<=', value: 1 }, true],
      [{ fact: 'scorer.score', op: 'known', value: false }, true],
    ];
    for (const [written, expected] of cases)
      assert.equal(evaluate(parseCondition(written, 'when'), harmless), expected, JSON.stringify(written));
  });

  it('leave open what depends on a fact that is not known yet', () => {
    const { card: _card, ...before } = harmless;
    const abroad: Condition = { fact: 'card.country', op: 'notIn', value: ['DE'] };
    assert.equal(evaluate(abroad, before), undefined);
    assert.equal(evaluate({ not: abroad }, before), undefined);
    assert.equal(evaluate({ all: [abroad, { fact: 'amount', op: '>', value: 0 }] }, before), undefined);
    assert.equal(evaluate({ all: [abroad, { fact: 'amount', op: '<', value: 0 }] }, before), false);
    assert.equal(evaluate({ any: [abroad, { fact: 'amount', op: '>', value: 0 }] }, before), true);
    assert.equal(evaluate({ fact: 'card.country', op: 'known', value: true }, before), false);
  });

  it('are checked strictly; the part at fault is named', () => {
    const fine = { fact: 'amount', op: '>', value: 1 };
    const wrong: [unknown, string][] = [
      [null, 'when'],
      ['amount > 1', 'when'],
      [{}, 'when.fact'],
      [{ all: [] }, 'when.all'],
      [{ all: [fine], any: [fine] }, 'when.all'],
      [{ any: fine }, 'when.any'],
      [{ not: [fine] }, 'when.not'],
      [{ all: [fine, { fact: 'email', op: '=', value: 'ada@example.com' }] }, 'when.all.1.fact'],
      [{ fact: 'constructor', op: '=', value: 1 }, 'when.fact'],
      [{ ...fine, eval: 'process.exit()' }, 'when.eval'],
      [{ ...fine, op: 'matches' }, 'when.op'],
      [{ ...fine, value: '1' }, 'when.value'],
      [{ ...fine, value: Number.NaN }, 'when.value'],
      [{ ...fine, value: 4_242_424_242_424_242 }, 'when.value'],
      [{ fact: 'email.domain', op: '=', value: '4242-4242-4242-4242.example' }, 'when.value'],
      [{ fact: 'card.country', op: '>', value: 1 }, 'when.op'],
      [{ fact: 'card.country', op: '=', value: 'us' }, 'when.value'],
      [{ fact: 'card.country', op: 'in', value: [] }, 'when.value'],
      [{ fact: 'card.country', op: 'in', value: ['US', 7] }, 'when.value.1'],
      [{ fact: 'card.country', op: 'known', value: 'yes' }, 'when.value'],
      [{ fact: 'email.domain', op: '=', value: 'Example.com' }, 'when.value'],
      [{ fact: 'email.domain', op: '=', value: 'ada@example.com' }, 'when.value'],
      [{ fact: 'amount', op: 'in', value: Array.from({ length: 251 }, () => 1) }, 'when.value'],
      [{ all: Array.from({ length: 40 }, () => fine) }, 'when'],
      [{ not: { not: { not: { not: { not: fine } } } } }, 'when.not.not.not.not.not'],
    ];
    for (const [written, field] of wrong)
      assert.throws(() => parseCondition(written, 'when'), { code: 'INVALID_INPUT', field }, JSON.stringify(written));
  });

  it('survive any JSON: parsed or refused, never a crash', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (written) => {
        try {
          evaluate(parseCondition(written, 'when'), harmless);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'INVALID_INPUT');
        }
      }),
    );
  });

  it('stay the same when they are written down and parsed again', () => {
    const copy = (value: Condition): unknown => JSON.parse(JSON.stringify(value));
    fc.assert(fc.property(small, (value) => assert.deepEqual(copy(parseCondition(copy(value), 'when')), copy(value))));
  });

  it('follow the laws of logic, the unknown included', () => {
    fc.assert(
      fc.property(small, small, anyFacts, (a, b, facts) => {
        assert.equal(evaluate({ not: { not: a } }, facts), evaluate(a, facts));
        assert.equal(evaluate({ not: { all: [a, b] } }, facts), evaluate({ any: [{ not: a }, { not: b }] }, facts));
        assert.equal(evaluate({ all: [a, b] }, facts), evaluate({ all: [b, a] }, facts));
      }),
    );
  });

  it('never change their mind when more becomes known', () => {
    fc.assert(
      fc.property(
        small.filter((value) => !JSON.stringify(value).includes('"known"')),
        anyFacts,
        (value, facts) => {
          const { card: _card, gatewayRiskScore: _risk, externalScore: _score, ...before } = facts;
          const early = evaluate(value, before);
          if (early !== undefined) assert.equal(evaluate(value, facts), early);
        },
      ),
    );
  });
});

describe('shareableFacts', () => {
  it('hold nothing that tells who somebody is', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const shared = JSON.stringify(shareableFacts(facts));
        assert.ok(!shared.includes('@') && !shared.includes('fp_secret'));
        assert.ok(!('email.domain' in shareableFacts(facts)));
      }),
    );
  });
});
