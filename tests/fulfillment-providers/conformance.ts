import { after, afterEach, before, describe } from 'node:test';
import { canceling } from './conformance/canceling.ts';
import { following } from './conformance/following.ts';
import { losingAnswers } from './conformance/losing-answers.ts';
import { requesting } from './conformance/requesting.ts';
import { returning } from './conformance/returning.ts';
import { createBench, type ProviderTarget, type StartTarget } from './conformance/target.ts';
import { webhooking } from './conformance/webhooking.ts';

/**
 * Registers the tests that every provider behind an API must pass: they ask for behaviour and look at the truth on the other
 * side. What a provider does not offer is skipped by name.
 */
export function fulfillmentProviderConformance(name: string, start: StartTarget): void {
  describe(`${name} keeps the promises of a fulfillment provider`, () => {
    let started: ProviderTarget | undefined;
    before(async () => {
      started = await start();
    });
    afterEach(() => started?.clearFaults());
    after(() => started?.close());
    const bench = createBench(() => {
      if (!started) throw new Error('The target has not started');
      return started;
    });

    describe('request', () => requesting(bench));
    describe('following', () => following(bench));
    describe('cancel', () => canceling(bench));
    describe('lost answers', () => losingAnswers(bench));
    describe('webhooks', () => webhooking(bench));
    describe('return labels', () => returning(bench));
  });
}
