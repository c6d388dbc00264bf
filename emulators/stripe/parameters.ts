import { badParameter } from './api-error.ts';
import type { Form, FormValue } from './form-body.ts';

const INTEGER = /^-?\d{1,15}$/;

/**
 * Reads the parameters of one request. Each read names a parameter that the endpoint knows; `end` refuses whatever nobody
 * read, as Stripe does with `parameter_unknown`.
 */
export class Parameters {
  readonly #form: Form;
  readonly #prefix: string;
  readonly #known = new Set<string>();
  readonly #children: Parameters[] = [];

  constructor(form: Form, prefix = '') {
    this.#form = form;
    this.#prefix = prefix;
  }

  #path(name: string): string {
    return this.#prefix === '' ? name : `${this.#prefix}[${name}]`;
  }

  #read(name: string): FormValue | undefined {
    this.#known.add(name);
    return this.#form[name];
  }

  /** Text; an empty text counts as absent. */
  text(name: string): string | undefined {
    const value = this.#read(name);
    if (value === undefined || value === '') return undefined;
    if (typeof value !== 'string')
      throw badParameter('parameter_invalid_string', this.#path(name), `Invalid string: ${JSON.stringify(value)}`);
    return value;
  }

  requiredText(name: string): string {
    return this.text(name) ?? this.#missing(name);
  }

  integer(name: string, range: { min: number; max?: number }): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    const param = this.#path(name);
    if (!INTEGER.test(text)) throw badParameter('parameter_invalid_integer', param, `Invalid integer: ${text}`);
    if (value < range.min)
      throw badParameter('parameter_invalid_integer', param, `This value must be greater than or equal to ${range.min}.`);
    if (range.max !== undefined && value > range.max) {
      throw badParameter('parameter_invalid_integer', param, `This value must be less than or equal to ${range.max}.`);
    }
    return value;
  }

  requiredInteger(name: string, range: { min: number; max?: number }): number {
    return this.integer(name, range) ?? this.#missing(name);
  }

  boolean(name: string): boolean | undefined {
    const text = this.oneOf(name, ['true', 'false']);
    return text === undefined ? undefined : text === 'true';
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const known = values.find((value) => value === text);
    if (known === undefined) {
      throw badParameter(
        'parameter_invalid_enum',
        this.#path(name),
        `Invalid ${this.#path(name)}: must be one of ${values.join(', ')}`,
      );
    }
    return known;
  }

  /** A list of texts; a single text is taken as a list of one. */
  list(name: string): string[] {
    const value = this.#read(name);
    if (value === undefined || value === '') return [];
    const items = Array.isArray(value) ? value : [value];
    return items.map((item) => {
      if (typeof item !== 'string') throw badParameter('parameter_invalid_array', this.#path(name), 'Invalid array');
      return item;
    });
  }

  /** Nested parameters; their unknown names are refused together with this object's. */
  child(name: string): Parameters | undefined {
    const value = this.#read(name);
    if (value === undefined) return undefined;
    if (typeof value === 'string' || Array.isArray(value))
      throw badParameter('parameter_invalid_object', this.#path(name), 'Invalid object');
    const child = new Parameters(value, this.#path(name));
    this.#children.push(child);
    return child;
  }

  /** Stripe's limits: 50 keys, names of 40 characters, values of 500. */
  metadata(): Record<string, string> {
    const value = this.#read('metadata');
    if (value === undefined || value === '') return {};
    if (typeof value === 'string' || Array.isArray(value))
      throw badParameter('parameter_invalid_object', 'metadata', 'Invalid object');
    const entries: [string, string][] = [];
    for (const [key, text] of Object.entries(value)) {
      const param = `metadata[${key}]`;
      if (typeof text !== 'string') throw badParameter('parameter_invalid_string', param, 'Metadata values must be strings');
      if (key.length > 40) throw badParameter('parameter_invalid_string', param, 'Metadata keys must be under 40 characters');
      if (text.length > 500)
        throw badParameter('parameter_invalid_string', param, 'Metadata values must be under 500 characters');
      if (text !== '') entries.push([key, text]);
    }
    if (entries.length > 50) throw badParameter('parameter_invalid_object', 'metadata', 'Metadata can have at most 50 keys');
    return Object.fromEntries(entries);
  }

  /** Refuses the parameters that were sent and never read. */
  end(): void {
    for (const name of Object.keys(this.#form)) {
      const param = this.#path(name);
      if (!this.#known.has(name)) throw badParameter('parameter_unknown', param, `Received unknown parameter: ${param}`);
    }
    for (const child of this.#children) child.end();
  }

  #missing(name: string): never {
    throw badParameter('parameter_missing', this.#path(name), `Missing required param: ${this.#path(name)}.`);
  }
}
