import type { Page, PageRequest } from '../../domain/shared/page.ts';

/** A page as a Relay connection. */
export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** A page as a Relay connection, its items turned into nodes by `toNode`. */
export function toConnection<Item, Node>(page: Page<Item>, toNode: (item: Item) => Node): Connection<Node> {
  const nodes = page.items.map((item) => toNode(item));
  return {
    nodes,
    edges: nodes.map((node, index) => ({ cursor: page.cursors[index] ?? '', node })),
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: page.cursors[0] ?? null,
      endCursor: page.cursors.at(-1) ?? null,
    },
  };
}

type PageArguments = { readonly [Key in keyof PageRequest]?: PageRequest[Key] | null };

/** The page that a field's arguments ask for; null is as good as nothing. */
export const toPageRequest = ({ first, after, last, before }: PageArguments): PageRequest => ({
  ...(first != null && { first }),
  ...(after != null && { after }),
  ...(last != null && { last }),
  ...(before != null && { before }),
});
