import { unusualAmount } from './amount-rule.ts';
import { cardCountry, shippingCountry } from './country-rules.ts';
import type { CustomRule } from './custom-rule.ts';
import { externalScoreRule } from './external-score-rule.ts';
import type { FraudRule } from './fraud-rule.ts';
import { gatewayRisk } from './gateway-risk-rule.ts';
import { throwawayMail } from './throwaway-mail.ts';
import { addressVelocity, cardVelocity, emailVelocity, manyCards, networkDeclines, networkVelocity } from './velocity-rules.ts';

/**
 * Every rule with its weight in points. The weights are read together with the thresholds below:
 * - the gateway's highest risk rejects by itself and its elevated risk asks for a review, as Stripe's own defaults do;
 * - many cards by one e-mail address, or mostly declines from one network, ask for a review by themselves;
 * - a crowded network and a crowded address, even together, do neither, and nothing about the network alone ever rejects;
 * - the store's own scorer asks for a review by itself when it is all but sure, and needs company to reject;
 * - every other sign needs company.
 */
export const FRAUD_RULES = {
  email_velocity: { weight: 35, check: emailVelocity },
  address_velocity: { weight: 20, check: addressVelocity },
  card_velocity: { weight: 35, check: cardVelocity },
  network_velocity: { weight: 20, check: networkVelocity },
  network_declines: { weight: 50, check: networkDeclines },
  many_cards: { weight: 50, check: manyCards },
  unusual_amount: { weight: 30, check: unusualAmount },
  shipping_country: { weight: 15, check: shippingCountry },
  card_country: { weight: 25, check: cardCountry },
  throwaway_mail: { weight: 30, check: throwawayMail },
  gateway_risk: { weight: 100, check: gatewayRisk },
  external_score: { weight: 60, check: externalScoreRule },
} as const satisfies Record<string, { readonly weight: number; readonly check: FraudRule }>;

export type FraudRuleName = keyof typeof FRAUD_RULES;

export const FRAUD_RULE_NAMES = Object.keys(FRAUD_RULES) as readonly FraudRuleName[];

/** What a store may set. */
export interface FraudSettings {
  /** The score from which an operator decides. */
  readonly reviewAt: number;
  /** The score from which the checkout is refused. */
  readonly rejectAt: number;
  /** Weights other than the rules' own. */
  readonly weights?: Partial<Record<FraudRuleName, number>>;
  /** Rules that are switched off. */
  readonly disabled?: readonly FraudRuleName[];
  /** Rules of the store's own. */
  readonly customRules?: readonly CustomRule[];
  /** What goes onto the block list when a payment is charged back as fraudulent. */
  readonly blockOnChargeback?: readonly ChargebackBlock[];
}

export const CHARGEBACK_BLOCKS = ['email', 'card'] as const;

export type ChargebackBlock = (typeof CHARGEBACK_BLOCKS)[number];

export const DEFAULT_FRAUD_SETTINGS: FraudSettings = { reviewAt: 50, rejectAt: 80 };
