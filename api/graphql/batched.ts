import type { RequestContext } from './context.ts';

/**
 * Reads at once what the fields of many things ask for one by one in the same moment of a request. Nothing is kept: a field that is
 * resolved after a mutation reads anew.
 */
export function batched<Value>(
  load: (ids: readonly string[], context: RequestContext) => Promise<ReadonlyMap<string, Value>>,
): (id: string, context: RequestContext) => Promise<Value | undefined> {
  interface Batch {
    readonly ids: Set<string>;
    readonly values: Promise<ReadonlyMap<string, Value>>;
  }
  const open = new WeakMap<RequestContext, Batch>();

  function begin(context: RequestContext): Batch {
    const ids = new Set<string>();
    // When all fields that are ready now have been asked for.
    const values = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      open.delete(context);
      return load([...ids], context);
    });
    const batch = { ids, values };
    open.set(context, batch);
    return batch;
  }

  return async (id, context) => {
    const batch = open.get(context) ?? begin(context);
    batch.ids.add(id);
    return (await batch.values).get(id);
  };
}
