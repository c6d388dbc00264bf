import { signAbove, type FraudRule } from './fraud-rule.ts';

/** The gateway sees far more cards than one store does. Stripe Radar calls 65 elevated and 75 the highest risk. */
export const gatewayRisk: FraudRule = ({ gatewayRiskScore = 0 }) =>
  signAbove(gatewayRiskScore, { elevated: 65, high: 75 }, `The gateway scores the risk ${gatewayRiskScore} of 100`);
