import { invalid } from '../../shared/errors.ts';
import { MAX_AMOUNT } from '../../shared/money.ts';
import { CONDITION_FACTS, FACT_NAMES, isFactName, readFact, type FactName, type FactValue } from './condition-facts.ts';
import type { FraudFacts } from './fraud-facts.ts';
import { holdsLongNumber } from './long-number.ts';

/**
 * A condition over the facts of a checkout: data, never code. A comparison with a fact that is not known yet is neither true
 * nor false, and neither is what depends on it: `not` of an unknown stays unknown.
 */
export type Condition =
  { readonly all: readonly Condition[] } | { readonly any: readonly Condition[] } | { readonly not: Condition } | Comparison;

export type Comparison = { readonly fact: FactName } & (
  | { readonly op: '=' | '!='; readonly value: FactValue }
  | { readonly op: '<' | '<=' | '>' | '>='; readonly value: number }
  | { readonly op: 'in' | 'notIn'; readonly value: readonly FactValue[] }
  | { readonly op: 'known'; readonly value: boolean }
);

/** The bounds of one condition: what is checked for every checkout must stay cheap. */
export const CONDITION_LIMITS = { depth: 5, parts: 40, listLength: 250, textLength: 253 } as const;

/** True, false, or undefined for unknown. */
type Truth = boolean | undefined;

function every(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

function some(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  return truths.includes(undefined) ? undefined : false;
}

function compare(comparison: Comparison, facts: FraudFacts): Truth {
  const actual = readFact(comparison.fact, facts);
  if (comparison.op === 'known') return (actual !== undefined) === comparison.value;
  if (actual === undefined) return undefined;
  switch (comparison.op) {
    case '=':
      return actual === comparison.value;
    case '!=':
      return actual !== comparison.value;
    case 'in':
      return comparison.value.includes(actual);
    case 'notIn':
      return !comparison.value.includes(actual);
    case '<':
      return typeof actual === 'number' && actual < comparison.value;
    case '<=':
      return typeof actual === 'number' && actual <= comparison.value;
    case '>':
      return typeof actual === 'number' && actual > comparison.value;
    case '>=':
      return typeof actual === 'number' && actual >= comparison.value;
  }
}

/** Whether the condition holds; undefined when facts that it depends on are not known. */
export function evaluate(condition: Condition, facts: FraudFacts): Truth {
  if ('all' in condition) return every(condition.all.map((part) => evaluate(part, facts)));
  if ('any' in condition) return some(condition.any.map((part) => evaluate(part, facts)));
  if ('not' in condition) {
    const truth = evaluate(condition.not, facts);
    return truth === undefined ? undefined : !truth;
  }
  return compare(condition, facts);
}

const ORDERINGS: readonly unknown[] = ['<', '<=', '>', '>='];
const TYPE_OF = { number: 'number', text: 'string', flag: 'boolean' } as const;

const isOrdering = (op: unknown): op is '<' | '<=' | '>' | '>=' => ORDERINGS.includes(op);

const isUsableNumber = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= MAX_AMOUNT;

/** One value of the fact's type, in the form in which facts come. */
function factValue(fact: FactName, value: unknown, field: string): FactValue {
  const { type } = CONDITION_FACTS[fact];
  if (type === 'number' && isUsableNumber(value)) return value;
  if (typeof value === 'boolean' && type === 'flag') return value;
  if (typeof value !== 'string' || type !== 'text') throw invalid(field, `Must be a ${TYPE_OF[type]}, as ${fact} is`);
  if (value.length > CONDITION_LIMITS.textLength)
    throw invalid(field, `Must have at most ${CONDITION_LIMITS.textLength} characters`);
  // A code in the wrong case would never match, and nobody would notice.
  if (fact.endsWith('country') && !/^[A-Z]{2}$/.test(value)) throw invalid(field, 'Must be a country code of two capitals');
  if (fact === 'currency' && !/^[A-Z]{3}$/.test(value)) throw invalid(field, 'Must be a currency code of three capitals');
  if (holdsLongNumber(value)) throw invalid(field, 'Must not hold a number as long as a card number');
  if (fact === 'email.domain' && !/^[^\s@A-Z\p{C}]+$/u.test(value)) throw invalid(field, 'Must be a domain in lower case');
  return value;
}

function comparison(input: Readonly<Record<string, unknown>>, field: string): Comparison {
  const { fact, op, value, ...unknown } = input;
  const [surplus] = Object.keys(unknown);
  if (surplus !== undefined) throw invalid(`${field}.${surplus}`, 'Must be all, any, not, or fact with op and value');
  if (!isFactName(fact)) throw invalid(`${field}.fact`, `Must be one of ${FACT_NAMES.join(', ')}`);
  const { type } = CONDITION_FACTS[fact];
  if (op === '=' || op === '!=') return { fact, op, value: factValue(fact, value, `${field}.value`) };
  if (op === 'known') {
    if (typeof value !== 'boolean') throw invalid(`${field}.value`, 'Must be true or false');
    return { fact, op, value };
  }
  if (isOrdering(op)) {
    if (type !== 'number') throw invalid(`${field}.op`, `${fact} is no number: use =, !=, in, notIn or known`);
    if (!isUsableNumber(value)) throw invalid(`${field}.value`, `Must be a number up to ${MAX_AMOUNT}`);
    return { fact, op, value };
  }
  if (op === 'in' || op === 'notIn') {
    if (!Array.isArray(value) || value.length === 0 || value.length > CONDITION_LIMITS.listLength) {
      throw invalid(`${field}.value`, `Must be a list of 1 to ${CONDITION_LIMITS.listLength} values`);
    }
    return { fact, op, value: value.map((item: unknown, index) => factValue(fact, item, `${field}.value.${index}`)) };
  }
  throw invalid(`${field}.op`, 'Must be =, !=, <, <=, >, >=, in, notIn or known');
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks a condition that somebody wrote. Throws `INVALID_INPUT` naming the part at fault below `field`. */
export function parseCondition(input: unknown, field: string): Condition {
  let parts = 0;

  function part(value: unknown, at: string, depth: number): Condition {
    parts += 1;
    if (parts > CONDITION_LIMITS.parts) throw invalid(field, `Must have at most ${CONDITION_LIMITS.parts} parts`);
    if (depth > CONDITION_LIMITS.depth) throw invalid(at, `Must be at most ${CONDITION_LIMITS.depth} levels deep`);
    if (!isObject(value)) throw invalid(at, 'Must be an object');
    const keys = Object.keys(value);
    if (keys.length !== 1) return comparison(value, at);
    if (keys[0] === 'all') return { all: group(value['all'], `${at}.all`, depth) };
    if (keys[0] === 'any') return { any: group(value['any'], `${at}.any`, depth) };
    if (keys[0] === 'not') return { not: part(value['not'], `${at}.not`, depth + 1) };
    return comparison(value, at);
  }

  function group(value: unknown, at: string, depth: number): Condition[] {
    if (!Array.isArray(value) || value.length === 0) throw invalid(at, 'Must be a list of conditions, at least one');
    return value.map((item: unknown, index) => part(item, `${at}.${index}`, depth + 1));
  }

  return part(input, field, 1);
}
