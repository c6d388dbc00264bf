import { invalid } from '../../shared/errors.ts';
import { DEFAULT_FRAUD_SETTINGS, FRAUD_RULE_NAMES, type FraudRuleName, type FraudSettings } from './fraud-rules.ts';

const isRuleName = (name: unknown): name is FraudRuleName => FRAUD_RULE_NAMES.some((rule) => rule === name);

function points(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalid(field, 'Must be a whole number, zero or more');
  }
  return value;
}

function ruleName(name: unknown, field: string): FraudRuleName {
  if (!isRuleName(name)) throw invalid(field, `Must be a fraud rule: ${FRAUD_RULE_NAMES.join(', ')}`);
  return name;
}

function parseWeights(weights: unknown): Partial<Record<FraudRuleName, number>> {
  if (typeof weights !== 'object' || weights === null || Array.isArray(weights)) {
    throw invalid('weights', 'Must be an object of rules and weights');
  }
  const parsed: Partial<Record<FraudRuleName, number>> = {};
  for (const [name, weight] of Object.entries(weights)) parsed[ruleName(name, 'weights')] = points(weight, `weights.${name}`);
  return parsed;
}

function parseDisabled(disabled: unknown): FraudRuleName[] {
  if (!Array.isArray(disabled)) throw invalid('disabled', 'Must be a list of rules');
  return disabled.map((name) => ruleName(name, 'disabled'));
}

/**
 * Completes what a store has set (`channels.fraud_settings`) by the defaults.
 * Throws `INVALID_INPUT` naming the setting that cannot be used.
 */
export function fraudSettings(overrides: Readonly<Record<string, unknown>>): FraudSettings {
  const { reviewAt, rejectAt, weights = {}, disabled = [] } = { ...DEFAULT_FRAUD_SETTINGS, ...overrides };
  const settings = {
    reviewAt: points(reviewAt, 'reviewAt'),
    rejectAt: points(rejectAt, 'rejectAt'),
    weights: parseWeights(weights),
    disabled: parseDisabled(disabled),
  };
  if (settings.reviewAt > settings.rejectAt) throw invalid('reviewAt', 'Must not be above rejectAt');
  return settings;
}
