import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shareableFacts } from '../../domain/checkout/fraud/condition-facts.ts';
import { anyFacts, harmless } from '../../tests/support/fraud-facts.ts';
import { createModelScorer, loadModel, parseModel } from './model-scorer.ts';

const example = await loadModel(`${import.meta.dirname}/example-model.json`);
const keys = { email: 'e', address: 'a', network: 'n' };
const question = (facts: Parameters<typeof shareableFacts>[0]) => ({ checkoutId: 'chk_1', facts: shareableFacts(facts), keys });

describe('the model scorer', () => {
  it('computes the logistic function of its terms', async () => {
    const model = parseModel({
      name: 'two terms',
      intercept: -1,
      terms: [
        { fact: 'amount', weight: 0.5, log: true },
        { fact: 'card.country', equals: 'US', weight: 2 },
      ],
    });
    const scorer = createModelScorer(model);
    const expected = Math.round(100 / (1 + Math.exp(-(-1 + 0.5 * Math.log(101) + 2))));
    const facts = { ...harmless, amount: 100, card: { country: 'US' } };
    assert.deepEqual(await scorer.score(question(facts)), { score: expected, reasons: ['amount is 100', 'card.country is US'] });
    const { card: _card, ...before } = facts;
    assert.ok((await scorer.score(question(before))).score < expected, 'what is not known adds nothing');
  });

  it('tells suspicious from harmless with the example', async () => {
    const scorer = createModelScorer(example);
    const harmlessScore = (await scorer.score(question(harmless))).score;
    const attack = {
      ...harmless,
      email: 'x@yopmail.com',
      velocity: { ...harmless.velocity, emailLastHour: 10, cardLastHour: 8, distinctCardsByEmailLastDay: 5 },
    };
    const suspicious = await scorer.score(question(attack));
    assert.ok(harmlessScore < 10 && suspicious.score > 70, `${harmlessScore} and ${suspicious.score}`);
    assert.equal(suspicious.reasons.length, 3);
  });

  it('always gives a whole score from 0 to 100', async () => {
    const scorer = createModelScorer(example);
    await fc.assert(
      fc.asyncProperty(anyFacts, async (facts) => {
        const { score, reasons } = await scorer.score(question(facts));
        assert.ok(Number.isInteger(score) && score >= 0 && score <= 100);
        assert.ok(reasons.length <= 3);
      }),
    );
  });

  it('refuses a model that cannot be meant', () => {
    const fine = { name: 'm', intercept: 0, terms: [{ fact: 'amount', weight: 1 }] };
    for (const change of [
      { terms: [] },
      { terms: [{ fact: 'email', weight: 1 }] },
      { terms: [{ fact: 'currency', weight: 1 }] },
      { intercept: 'x' },
      { more: 1 },
    ]) {
      assert.throws(() => parseModel({ ...fine, ...change }), JSON.stringify(change));
    }
  });
});
