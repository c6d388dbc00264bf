import { badParameter, missingResource } from './api-error.ts';
import type { Collection } from '../shared/collection.ts';
import type { Parameters } from './parameters.ts';

/** One page of a list as Stripe sends it, newest first. */
export interface Page<T> {
  readonly object: 'list';
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly url: string;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** `created=…` or `created[gte|gt|lte|lt]=…`, as an inclusive range of Unix seconds. */
function readCreated(params: Parameters): Range {
  const range = params.child('created');
  const read = (name: string): number | undefined => range?.integer(name, { min: 0 });
  const [gte, gt, lte, lt] = [read('gte'), read('gt'), read('lte'), read('lt')];
  return {
    from: Math.max(gte ?? 0, gt === undefined ? 0 : gt + 1),
    to: Math.min(lte ?? Number.MAX_SAFE_INTEGER, lt === undefined ? Number.MAX_SAFE_INTEGER : lt - 1),
  };
}

function readCursor(params: Parameters, name: string, known: (id: string) => boolean): string | undefined {
  const id = params.text(name);
  if (id !== undefined && !known(id)) throw missingResource('object', id, name, 400);
  return id;
}

/**
 * Reads one page of a collection: `limit`, `starting_after`, `ending_before` and `created`. `matches` filters further.
 * The walk goes through what was created in the asked range only, so that recent pages are cheap however long the history.
 */
export function listPage<T extends { readonly id: string; readonly created: number }>(
  collection: Collection<T>,
  params: Parameters,
  url: string,
  matches: (value: T) => boolean,
): Page<T> {
  const limit = params.integer('limit', { min: 1, max: 100 }) ?? 10;
  const created = readCreated(params);
  const known = (id: string): boolean => collection.get(id) !== undefined;
  const after = readCursor(params, 'starting_after', known);
  const before = readCursor(params, 'ending_before', known);
  params.end();
  if (after !== undefined && before !== undefined) {
    throw badParameter('parameter_invalid_empty', 'ending_before', 'Only one of starting_after and ending_before may be set.');
  }
  const data: T[] = [];
  let more = false;
  for (const value of before === undefined ? collection.newestFirst(after) : collection.oldestFirst(before)) {
    if (before === undefined ? value.created < created.from : value.created > created.to) break;
    if (value.created < created.from || value.created > created.to || !matches(value)) continue;
    if (data.length === limit) {
      more = true;
      break;
    }
    data.push(value);
  }
  return { object: 'list', data: before === undefined ? data : data.reverse(), has_more: more, url };
}
