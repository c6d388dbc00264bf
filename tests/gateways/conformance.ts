import { after, before, describe } from 'node:test';
import { authorizing } from './conformance/authorizing.ts';
import { capturing } from './conformance/capturing.ts';
import { disputing } from './conformance/disputing.ts';
import { ledgering } from './conformance/ledgering.ts';
import { losingAnswers } from './conformance/losing-answers.ts';
import { refunding } from './conformance/refunding.ts';
import { createBench, type ConformanceTarget, type StartTarget } from './conformance/target.ts';
import { vaulting } from './conformance/vaulting.ts';
import { webhooking } from './conformance/webhooking.ts';

export type {
  ConformanceTarget,
  GatewayCall,
  LedgerTruth,
  MethodSource,
  StartTarget,
  WebhookDelivery,
} from './conformance/target.ts';

/**
 * Registers the tests that every payment gateway must pass, whatever it offers: they ask for behaviour and look at the truth on
 * the other side. What a gateway does not offer is skipped by name.
 */
export function gatewayConformance(name: string, start: StartTarget): void {
  describe(`${name} keeps the promises of a payment gateway`, () => {
    let started: ConformanceTarget | undefined;
    before(async () => {
      started = await start();
    });
    after(() => started?.close());
    const bench = createBench(() => {
      if (!started) throw new Error('The target has not started');
      return started;
    });

    describe('authorize', () => authorizing(bench));
    describe('capture and void', () => capturing(bench));
    describe('refund', () => refunding(bench));
    describe('lost answers', () => losingAnswers(bench));
    describe('ledger', () => ledgering(bench));
    describe('webhooks', () => webhooking(bench));
    describe('vault', () => vaulting(bench));
    describe('disputes', () => disputing(bench));
  });
}
