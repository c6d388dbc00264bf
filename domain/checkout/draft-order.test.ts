import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultExpiry, draftOrderTransitions, holdsTerms, latestExpiry } from './draft-order.ts';

const NOW = new Date('2026-11-23T10:00:00Z');

test('a draft may be invoiced again and again, and ends once', () => {
  assert.ok(draftOrderTransitions.canTransition('invoiced', 'invoiced'));
  assert.ok(!draftOrderTransitions.canTransition('invoiced', 'open'));
  for (const end of ['completed', 'canceled'] as const) {
    assert.ok(draftOrderTransitions.canTransition('open', end) && draftOrderTransitions.canTransition('invoiced', end));
    assert.ok(draftOrderTransitions.isTerminal(end));
  }
});

test('prices hold until the moment that they end at', () => {
  const expiresAt = defaultExpiry(NOW);
  assert.equal(expiresAt.toISOString(), '2026-11-30T10:00:00.000Z');
  assert.ok(holdsTerms({ status: 'open', expiresAt }, new Date(expiresAt.getTime() - 1)));
  assert.ok(!holdsTerms({ status: 'open', expiresAt }, expiresAt));
  assert.ok(!holdsTerms({ status: 'canceled', expiresAt }, NOW));
  assert.equal(latestExpiry(NOW).toISOString(), '2027-02-21T10:00:00.000Z');
});
