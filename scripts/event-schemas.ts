import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ReleasedType, Schema } from './event-fields.ts';
import { fieldsOf } from './event-fields.ts';

const folder = resolve(import.meta.dirname, '../schema/events');

/** The schema of one type of event: what its `data` holds. */
export interface EventSchema extends Schema {
  readonly $id: string;
  readonly title: string;
  readonly description: string;
  readonly 'x-version': number;
  /** The kind of thing whose id is the event's `aggregateId`. */
  readonly 'x-aggregate': string;
  readonly examples: readonly [Readonly<Record<string, unknown>>, ...Readonly<Record<string, unknown>>[]];
}

/** One type of event, and where its schema is. */
export interface CataloguedEvent {
  readonly type: string;
  /** The context that the fact belongs to. */
  readonly context: string;
  readonly schema: EventSchema;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

const read = (path: string): unknown => JSON.parse(readFileSync(resolve(folder, path), 'utf8'));

const SHAPE = {
  type: 'object',
  properties: {
    title: { type: 'string', minLength: 1 },
    description: { type: 'string', minLength: 1 },
    'x-version': { type: 'integer', minimum: 1 },
    'x-aggregate': { type: 'string', pattern: '^[a-z_]+$' },
    examples: { type: 'array', items: { type: 'object' }, minItems: 1 },
    type: { const: 'object' },
    additionalProperties: { const: false },
  },
  required: ['$id', 'title', 'description', 'x-version', 'x-aggregate', 'examples', 'type', 'additionalProperties', 'required'],
} as const;

/** All schemas of events, and what checks data by them. Raises for a schema that is none. */
export function loadEventSchemas(): {
  events: readonly CataloguedEvent[];
  /** What is wrong with the data of an event; empty when nothing is. */
  problemsOf(type: string, data: unknown): string[];
  /** By type, what receivers may rely on. */
  released(): Record<string, ReleasedType>;
} {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictRequired: false, formats: { 'date-time': INSTANT } });
  ajv.addVocabulary(['x-version', 'x-aggregate']);
  const isEventSchema = ajv.compile<EventSchema>(SHAPE);
  const common = read('common.json') as { $id: string; $defs: Readonly<Record<string, Schema>> };
  ajv.addSchema(common);

  const events = globSync('*/*.json', { cwd: folder })
    .toSorted()
    .map((path): CataloguedEvent => {
      const schema = read(path);
      if (!isEventSchema(schema)) throw new Error(`schema/events/${path} is no schema of an event: ${ajv.errorsText(isEventSchema.errors)}`);
      if (schema.$id !== `events/${path}`) throw new Error(`schema/events/${path} must have the $id events/${path}`);
      ajv.addSchema(schema);
      return { type: basename(path, '.json'), context: path.split(/[\\/]/)[0] ?? '', schema };
    })
    .toSorted((a, b) => (a.type < b.type ? -1 : 1));
  const ids = new Map(events.map(({ type, schema }) => [type, schema.$id]));
  if (ids.size < events.length) throw new Error('A type of event has two schemas');

  const definition = (ref: string): Schema => {
    const found = common.$defs[/\/\$defs\/(\w+)$/.exec(ref)?.[1] ?? ''];
    if (!found) throw new Error(`schema/events: ${ref} points to nothing`);
    return found;
  };

  return {
    events,
    problemsOf(type, data) {
      const id = ids.get(type);
      const validate = id === undefined ? undefined : ajv.getSchema(id);
      if (!validate) return [`${type} is not in the catalogue`];
      return validate(data) === true ? [] : (validate.errors ?? []).map(({ instancePath, message = '', params }) => `${type}${instancePath} ${message} ${JSON.stringify(params)}`);
    },
    released: () =>
      Object.fromEntries(events.map(({ type, schema }) => [type, { version: schema['x-version'], fields: fieldsOf(schema, definition) }])),
  };
}
