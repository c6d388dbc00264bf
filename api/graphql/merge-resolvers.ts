/** Puts the resolvers of several modules together, those of one type field by field. */
export function mergeResolvers<Resolvers extends object>(...modules: readonly Partial<Resolvers>[]): Resolvers {
  const merged: Record<string, object> = {};
  for (const module of modules) {
    for (const [type, fields] of Object.entries<object>(module as Record<string, object>)) {
      const before = merged[type];
      merged[type] = before === undefined ? fields : { ...before, ...fields };
    }
  }
  return merged as Resolvers;
}
