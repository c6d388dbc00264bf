import { invalid } from '../../shared/errors.ts';
import { MAX_WEIGHT, parseCustomRules } from './custom-rule.ts';
import {
  CHARGEBACK_BLOCKS,
  DEFAULT_FRAUD_SETTINGS,
  FRAUD_RULE_NAMES,
  type ChargebackBlock,
  type FraudRuleName,
  type FraudSettings,
} from './fraud-rules.ts';

const MAX_THRESHOLD = 100_000;

/** Characters of a version's settings as JSON. */
const MAX_SETTINGS_LENGTH = 65_536;

const isRuleName = (name: unknown): name is FraudRuleName => FRAUD_RULE_NAMES.some((rule) => rule === name);
const isChargebackBlock = (kind: unknown): kind is ChargebackBlock => CHARGEBACK_BLOCKS.some((block) => block === kind);

function points(value: unknown, field: string, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) {
    throw invalid(field, `Must be a whole number from 0 to ${max}`);
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
  for (const [name, weight] of Object.entries(weights))
    parsed[ruleName(name, 'weights')] = points(weight, `weights.${name}`, MAX_WEIGHT);
  return parsed;
}

function parseDisabled(disabled: unknown): FraudRuleName[] {
  if (!Array.isArray(disabled)) throw invalid('disabled', 'Must be a list of rules');
  return disabled.map((name) => ruleName(name, 'disabled'));
}

function parseBlocks(blocks: unknown): ChargebackBlock[] {
  if (!Array.isArray(blocks)) throw invalid('blockOnChargeback', 'Must be a list');
  return blocks.map((kind: unknown) => {
    if (!isChargebackBlock(kind)) throw invalid('blockOnChargeback', `Must hold ${CHARGEBACK_BLOCKS.join(' or ')} only`);
    return kind;
  });
}

/**
 * Completes what a store has set (`channels.fraud_settings`) by the defaults.
 * Throws `INVALID_INPUT` naming the setting that cannot be used.
 */
export function fraudSettings(overrides: Readonly<Record<string, unknown>>): FraudSettings {
  const { reviewAt, rejectAt, weights = {}, disabled = [] } = { ...DEFAULT_FRAUD_SETTINGS, ...overrides };
  const { customRules, blockOnChargeback } = overrides;
  const settings = {
    reviewAt: points(reviewAt, 'reviewAt', MAX_THRESHOLD),
    rejectAt: points(rejectAt, 'rejectAt', MAX_THRESHOLD),
    weights: parseWeights(weights),
    disabled: parseDisabled(disabled),
    ...(customRules === undefined ? {} : { customRules: parseCustomRules(customRules, 'customRules') }),
    ...(blockOnChargeback === undefined ? {} : { blockOnChargeback: parseBlocks(blockOnChargeback) }),
  };
  if (settings.reviewAt > settings.rejectAt) throw invalid('reviewAt', 'Must not be above rejectAt');
  return settings;
}

const KNOWN: ReadonlySet<string> = new Set(['reviewAt', 'rejectAt', 'weights', 'disabled', 'customRules', 'blockOnChargeback']);

/** Checks the settings of a new rule set version: as `fraudSettings`, and nothing unknown, nothing oversized. Throws `INVALID_INPUT`. */
export function parseRuleSetSettings(input: unknown): FraudSettings {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw invalid('settings', 'Must be an object');
  const surplus = Object.keys(input).find((name) => !KNOWN.has(name));
  if (surplus !== undefined) throw invalid(surplus, `Is not a setting: there are ${[...KNOWN].join(', ')}`);
  const settings = fraudSettings({ ...input });
  if (JSON.stringify(settings).length > MAX_SETTINGS_LENGTH)
    throw invalid('settings', `Must have at most ${MAX_SETTINGS_LENGTH} characters as JSON`);
  return settings;
}
