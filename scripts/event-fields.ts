/** A JSON Schema, as far as the schemas of events go. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
}

/** What a receiver may rely on in one field. */
export interface Field {
  /** `string`, `integer|null`, `string:date-time` … */
  readonly type: string;
  /** It may be absent. */
  readonly optional?: true;
  readonly enum?: readonly unknown[];
}

/** Every field by its path: `lines[].sku`. */
export type Fields = Readonly<Record<string, Field>>;

/** A type of event as receivers know it. */
export interface ReleasedType {
  readonly version: number;
  readonly fields: Fields;
}

/** Looks up what a reference points to. */
export type Resolve = (ref: string) => Schema;

const typesOf = ({ type, format }: Schema): string[] =>
  [type ?? []].flat().map((name) => (name === 'string' && format !== undefined ? `string:${format}` : name));

/** The schema with references followed, and its types; a choice between something and null is that something, or null. */
function readSchema(schema: Schema, resolve: Resolve): { schema: Schema; types: string[] } {
  if (schema.$ref !== undefined) return readSchema(resolve(schema.$ref), resolve);
  if (!schema.anyOf) return { schema, types: typesOf(schema) };
  const choices = schema.anyOf.map((choice) => readSchema(choice, resolve));
  const things = choices.filter(({ types }) => types.join() !== 'null');
  const [thing] = things;
  if (!thing || things.length > 1) throw new Error('anyOf is for something or null only');
  return { schema: thing.schema, types: choices.flatMap(({ types }) => types) };
}

/** The fields of an event's schema. */
export function fieldsOf(root: Schema, resolve: Resolve): Fields {
  const fields: Record<string, Field> = {};
  const walk = (written: Schema, path: string, optional: boolean): void => {
    const { schema, types } = readSchema(written, resolve);
    if (path !== '') {
      fields[path] = {
        type: types.toSorted().join('|'),
        ...(optional ? { optional: true } : {}),
        ...(schema.enum ? { enum: schema.enum.toSorted() } : {}),
      };
    }
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      walk(property, path === '' ? name : `${path}.${name}`, !(schema.required ?? []).includes(name));
    }
    if (schema.items) walk(schema.items, `${path}[]`, false);
  };
  walk(root, '', false);
  return fields;
}

/** Why a receiver of the released field could not read the present one; undefined when it can. */
function breakOf(released: Field, present: Field | undefined): string | undefined {
  if (!present) return 'was removed';
  if (present.type !== released.type) return `was ${released.type}, and is ${present.type}`;
  if (present.optional && !released.optional) return 'may be absent now';
  if (present.enum && !released.enum) return 'takes a few values only';
  const lost = released.enum?.filter((value) => present.enum?.includes(value) === false) ?? [];
  return lost.length > 0 ? `takes no longer ${lost.map(String).join(', ')}` : undefined;
}

/** What receivers of the released types could not bear without a new version, one line for each. */
export function breakingChanges(released: Readonly<Record<string, ReleasedType>>, present: Readonly<Record<string, ReleasedType>>): string[] {
  return Object.entries(released).flatMap(([type, before]) => {
    const now = present[type];
    if (!now) return [`${type} was removed: receivers wait for it`];
    if (now.version < before.version) return [`${type} has version ${now.version}, and was released with ${before.version}`];
    if (now.version > before.version) return [];
    return Object.entries(before.fields).flatMap(([path, field]) => {
      const broken = breakOf(field, now.fields[path]);
      return broken === undefined ? [] : [`${type}: ${path} ${broken}: raise x-version`];
    });
  });
}
