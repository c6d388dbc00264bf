import { assessFraud, type FraudAssessment } from '../../domain/checkout/fraud/assess-fraud.ts';
import { shareableFacts } from '../../domain/checkout/fraud/condition-facts.ts';
import { fraudSettings } from '../../domain/checkout/fraud/fraud-settings.ts';
import type { Stores } from '../stores.ts';
import { gatherFacts, type AssessedCheckout, type PaidFacts } from './fraud/gather-facts.ts';

/**
 * Decides by the channel's active rule set version, or by its settings where there is none. Versions in shadow are asked too;
 * what they say is noted and never acted upon.
 */
export async function assessCheckout(stores: Stores, checkout: AssessedCheckout, paid?: PaidFacts): Promise<FraudAssessment> {
  const { active, shadows } = await stores.fraud.ruleSets.policy(checkout.channelId);
  const facts = await gatherFacts(stores, checkout, paid);
  const assessment = assessFraud(facts, active?.settings ?? fraudSettings(checkout.snapshot.channel.fraudSettings));
  await stores.fraud.shadowResults.record(
    shadows.map(({ id, settings }) => {
      const { score, decision, reasons } = assessFraud(facts, settings);
      const rules = reasons.map(({ rule }) => rule);
      return {
        versionId: id,
        checkoutId: checkout.id,
        score,
        decision,
        rules,
        activeScore: assessment.score,
        activeDecision: assessment.decision,
      };
    }),
  );
  return { ...assessment, facts: shareableFacts(facts), ...(active && { ruleSetVersionId: active.id }) };
}
