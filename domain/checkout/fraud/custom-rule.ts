import { invalid } from '../../shared/errors.ts';
import { parseCondition, type Condition } from './condition.ts';
import { holdsLongNumber } from './long-number.ts';

/** A rule that an operator wrote. */
export interface CustomRule {
  /** Unique within its version: `high_value_abroad`. */
  readonly name: string;
  /** What the operators who review are told. */
  readonly label: string;
  /** The points that it adds when its condition holds. */
  readonly weight: number;
  readonly when: Condition;
}

export const MAX_CUSTOM_RULES = 50;
export const MAX_WEIGHT = 1_000;

const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const MAX_LABEL_LENGTH = 120;
const CONTROL = /[\p{Cc}\p{Cs}]/u;

function parseRule(input: unknown, field: string): CustomRule {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw invalid(field, 'Must be an object');
  const { name, label, weight, when, ...unknown } = input as Readonly<Record<string, unknown>>;
  const [surplus] = Object.keys(unknown);
  if (surplus !== undefined) throw invalid(`${field}.${surplus}`, 'Is not known: a rule has name, label, weight and when');
  if (typeof name !== 'string' || !NAME.test(name))
    throw invalid(`${field}.name`, 'Must be lower-case letters, digits and underscores, at most 40');
  if (typeof label !== 'string' || label.trim() === '' || label.length > MAX_LABEL_LENGTH || CONTROL.test(label)) {
    throw invalid(`${field}.label`, `Must be one line of 1 to ${MAX_LABEL_LENGTH} characters`);
  }
  if (holdsLongNumber(label)) throw invalid(`${field}.label`, 'Must not hold a number as long as a card number');
  if (typeof weight !== 'number' || !Number.isInteger(weight) || weight < 1 || weight > MAX_WEIGHT) {
    throw invalid(`${field}.weight`, `Must be a whole number from 1 to ${MAX_WEIGHT}`);
  }
  return { name, label: label.trim(), weight, when: parseCondition(when, `${field}.when`) };
}

/** Checks rules that somebody wrote. Throws `INVALID_INPUT` naming the part at fault. */
export function parseCustomRules(input: unknown, field: string): CustomRule[] {
  if (!Array.isArray(input) || input.length > MAX_CUSTOM_RULES)
    throw invalid(field, `Must be a list of at most ${MAX_CUSTOM_RULES} rules`);
  const rules = input.map((rule: unknown, index) => parseRule(rule, `${field}.${index}`));
  const twice = rules.findIndex(({ name }, index) => rules.findIndex((other) => other.name === name) !== index);
  if (twice >= 0) throw invalid(`${field}.${twice}.name`, 'Is the name of another rule too');
  return rules;
}
