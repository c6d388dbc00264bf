import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DisputeStatus } from './dispute.ts';
import { asksAgain } from './dispute-record.ts';

const STATUSES: readonly DisputeStatus[] = ['inquiry', 'needs_response', 'under_review', 'won', 'lost'];
const answeredAt = new Date('2026-11-23T12:00:00Z');

test('an inquiry that became a chargeback, a review that needs more, and an appeal ask again', () => {
  assert.equal(asksAgain({ status: 'inquiry', respondedAt: answeredAt }, 'needs_response'), true);
  assert.equal(asksAgain({ status: 'under_review', respondedAt: answeredAt }, 'needs_response'), true);
  assert.equal(asksAgain({ status: 'won', respondedAt: answeredAt }, 'needs_response'), true);
});

test('an answered inquiry that is still one does not ask again', () => {
  assert.equal(asksAgain({ status: 'inquiry', respondedAt: answeredAt }, 'inquiry'), false);
});

test('only what was answered, has changed and takes an answer asks again', () => {
  fc.assert(
    fc.property(fc.constantFrom(...STATUSES), fc.constantFrom(...STATUSES), fc.boolean(), (status, told, answered) => {
      const asked = asksAgain({ status, respondedAt: answered ? answeredAt : null }, told);
      if (!answered || status === told || told === 'under_review' || told === 'won' || told === 'lost') assert.equal(asked, false);
      else assert.equal(asked, true);
    }),
  );
});
