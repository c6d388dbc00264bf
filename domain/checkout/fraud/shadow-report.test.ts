import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { shadowReport, type ShadowCell } from './shadow-report.ts';

const decision = fc.constantFrom('accept', 'review', 'reject');
const cells = fc.uniqueArray(
  fc.record<ShadowCell>({ activeDecision: decision, decision, checkouts: fc.nat(1_000), bad: fc.nat(100), good: fc.nat(100) }),
  { selector: (cell) => `${cell.activeDecision} ${cell.decision}` },
);

it('a shadow report counts every checkout once on either side', () => {
  fc.assert(
    fc.property(cells, (pairs) => {
      const { checkouts, shadow, active, disagreements } = shadowReport(pairs);
      for (const side of [shadow, active]) {
        assert.equal(side.accept.checkouts + side.review.checkouts + side.reject.checkouts, checkouts);
      }
      for (const field of ['bad', 'good'] as const) {
        const total = pairs.reduce((sum, cell) => sum + cell[field], 0);
        assert.equal(shadow.accept[field] + shadow.review[field] + shadow.reject[field], total);
        assert.equal(active.accept[field] + active.review[field] + active.reject[field], total);
      }
      const agreed = pairs.filter((cell) => cell.decision === cell.activeDecision).reduce((sum, cell) => sum + cell.checkouts, 0);
      assert.equal(disagreements, checkouts - agreed);
    }),
  );
});
