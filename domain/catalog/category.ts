/** A category and its place in the tree. */
export interface Category {
  readonly id: string;
  /** Its name in URLs; unique. */
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  /** Among its siblings. */
  readonly position: number;
  readonly parent: Category | null;
  /** In the order that the shop shows them. */
  readonly children: readonly Category[];
}

/** A category as it is stored. */
export interface CategoryRecord {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  readonly position: number;
  readonly parentId: string | null;
}

/** All categories, linked. */
export interface CategoryTree {
  /** Those without a parent. */
  readonly roots: readonly Category[];
  find(id: string): Category | undefined;
  findByHandle(handle: string): Category | undefined;
}

interface Branch extends Category {
  parent: Category | null;
  readonly children: Category[];
}

/** Links the records; siblings keep the order in which they are given. */
export function buildCategoryTree(records: readonly CategoryRecord[]): CategoryTree {
  const branches = new Map<string, Branch>();
  for (const { id, handle, name, description, position } of records)
    branches.set(id, { id, handle, name, description, position, parent: null, children: [] });
  const roots: Category[] = [];
  for (const { id, parentId } of records) {
    const branch = branches.get(id);
    if (!branch) continue;
    const parent = parentId === null ? undefined : branches.get(parentId);
    if (parent) {
      branch.parent = parent;
      parent.children.push(branch);
    } else {
      roots.push(branch);
    }
  }
  return {
    roots,
    find: (id) => branches.get(id),
    findByHandle: (handle) => [...branches.values()].find((branch) => branch.handle === handle),
  };
}
