import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertNotRepeated, domainAndAbove, listVerdict, type ListMatch } from './fraud-list.ts';

const matches = fc.array(
  fc.record<ListMatch>({
    id: fc.string(),
    effect: fc.constantFrom('block', 'allow'),
    kind: fc.constantFrom('email', 'email_domain', 'card', 'address', 'network', 'country'),
    key: fc.constantFrom('DE', 'US', 'key'),
  }),
  { maxLength: 6 },
);
const countries = fc.array(fc.constantFrom('DE', 'US'), { minLength: 2, maxLength: 3 });

describe('listVerdict', () => {
  it('is a block exactly when something is blocked, and trust only when something is trusted', () => {
    fc.assert(
      fc.property(matches, countries, (found, of) => {
        const verdict = listVerdict(found, of);
        const has = (effect: string): boolean => found.some((match) => match.effect === effect);
        assert.equal(verdict?.effect === 'block', has('block'));
        if (verdict?.effect === 'allow') assert.ok(has('allow'));
        if (verdict) assert.ok(found.includes(verdict.match) && verdict.match.effect === verdict.effect);
      }),
    );
  });

  it('is never milder for another block, never stricter for another allow', () => {
    const rank = (found: readonly ListMatch[], of: readonly string[]): number =>
      ({ allow: 0, none: 1, block: 2 })[listVerdict(found, of)?.effect ?? 'none'];
    const more = fc.record<Omit<ListMatch, 'effect'>>({
      id: fc.constant('more'),
      kind: fc.constantFrom('card', 'country'),
      key: fc.constant('DE'),
    });
    fc.assert(
      fc.property(matches, countries, more, (found, of, entry) => {
        assert.ok(rank([...found, { ...entry, effect: 'block' }], of) >= rank(found, of));
        assert.ok(rank([...found, { ...entry, effect: 'allow' }], of) <= rank(found, of));
      }),
    );
  });
});

describe('domainAndAbove', () => {
  it('goes up to two labels', () => {
    assert.deepEqual(domainAndAbove('Mail.EU.example.com.'), ['mail.eu.example.com', 'eu.example.com', 'example.com']);
    assert.deepEqual(domainAndAbove('example.com'), ['example.com']);
    assert.deepEqual(domainAndAbove('localhost'), []);
  });
});

describe('assertNotRepeated', () => {
  it('refuses a text with the value in any case', () => {
    assert.throws(() => assertNotRepeated('eve@example.com', 'is EVE@example.com', 'label'), {
      code: 'INVALID_INPUT',
      field: 'label',
    });
    assert.doesNotThrow(() => assertNotRepeated('eve@example.com', 'Eve of the second order', 'label'));
  });
});
