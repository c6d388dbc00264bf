import { invalid } from '../shared/errors.ts';
import { checkText } from './field-checks.ts';
import type { AttributeTranslation } from './translation.ts';

export const ATTRIBUTE_TYPES = ['text', 'number', 'boolean', 'select', 'multiselect'] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

/** What products can be described by: `material`, one of these options. */
export interface Attribute {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly type: AttributeType;
  /** Of a number: `ml`. */
  readonly unit: string | null;
  /** The values that a select or multiselect allows. */
  readonly options: readonly string[];
  readonly translations: readonly AttributeTranslation[];
}

/** As the attribute's type says: a text or option, a number, a boolean, or options. */
export type AttributeContent = string | number | boolean | readonly string[];

/** What a product says of one attribute. */
export interface AttributeValue {
  readonly code: string;
  readonly name: string;
  readonly type: AttributeType;
  readonly unit: string | null;
  readonly value: AttributeContent;
  /** The value as texts, options by their labels in the locale that is asked for. */
  readonly labels: readonly string[];
}

const MAX_TEXT = 2_000;

/** The value, checked against the attribute's definition. Raises INVALID_INPUT naming `field`. */
export function checkAttributeValue(attribute: Attribute, value: unknown, field: string): AttributeContent {
  switch (attribute.type) {
    case 'text':
      if (typeof value !== 'string' || value.trim() === '') throw invalid(field, 'Must be a text');
      return checkText(value, field, MAX_TEXT);
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(field, 'Must be a number');
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw invalid(field, 'Must be true or false');
      return value;
    case 'select':
      return checkOption(attribute, value, field);
    case 'multiselect': {
      if (!Array.isArray(value) || value.length === 0) throw invalid(field, 'Must be a list of at least one option');
      const options = value.map((option: unknown, index) => checkOption(attribute, option, `${field}.${index}`));
      if (new Set(options).size < options.length) throw invalid(field, 'Must not name an option twice');
      return options;
    }
  }
}

function checkOption(attribute: Attribute, value: unknown, field: string): string {
  if (typeof value !== 'string' || !attribute.options.includes(value))
    throw invalid(field, `Must be one of: ${attribute.options.join(', ')}`);
  return value;
}
