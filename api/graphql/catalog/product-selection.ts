import { Kind, type FieldNode, type GraphQLResolveInfo, type SelectionSetNode } from 'graphql';
import type { ProductPart, ProductSelection } from '../../../domain/catalog/product-query.ts';

type FieldVisitor = (field: FieldNode) => void;

/** What a field's own selections are, wherever in the document it was asked for. */
const ownSelections = ({ fieldNodes }: GraphQLResolveInfo): (SelectionSetNode | undefined)[] => fieldNodes.map(({ selectionSet }) => selectionSet);

/** Calls `visit` for each field of the selections, fragments opened. What `@skip` and `@include` leave out is visited as well. */
function eachField(
  selections: readonly (SelectionSetNode | undefined)[],
  { fragments }: GraphQLResolveInfo,
  visit: FieldVisitor,
): void {
  const walk = (selectionSet: SelectionSetNode | undefined): void => {
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FIELD) visit(selection);
      else walk(selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments[selection.name.value]?.selectionSet);
    }
  };
  selections.forEach(walk);
}

/** The currency that a field's argument names, undefined when it names none. */
function currencyOf(field: FieldNode, { variableValues }: GraphQLResolveInfo): string | undefined {
  const value = field.arguments?.find(({ name }) => name.value === 'currency')?.value;
  const currency =
    value?.kind === Kind.VARIABLE ? variableValues[value.name.value] : value?.kind === Kind.STRING ? value.value : undefined;
  return typeof currency === 'string' ? currency : undefined;
}

const PRODUCT_FIELDS: Readonly<Record<string, readonly ProductPart[]>> = {
  images: ['images'],
  options: ['options'],
  variants: ['variants'],
  attributes: ['attributes'],
  categories: ['categories'],
  channels: ['channels'],
  customerGroups: ['customerGroups'],
  translations: ['translations'],
  priceRange: ['variants', 'prices'],
};

const VARIANT_FIELDS: Readonly<Record<string, readonly ProductPart[]>> = {
  selectedOptions: ['selectedOptions'],
  price: ['prices'],
  compareAtPrice: ['prices'],
  prices: ['prices'],
  available: ['stock'],
  inStock: ['stock'],
};

/** What has to be read for selections on `Product`: no part that nobody asked for. */
function selectionOf(
  products: readonly (SelectionSetNode | undefined)[],
  info: GraphQLResolveInfo,
  defaultCurrency: string,
  inactiveVariants: boolean,
): ProductSelection {
  const parts = new Set<ProductPart>();
  const currencies = new Set<string>();
  let allCurrencies = false;
  const add = (field: FieldNode, fields: Readonly<Record<string, readonly ProductPart[]>>): void => {
    const wanted = fields[field.name.value];
    if (!wanted) return;
    for (const part of wanted) parts.add(part);
    if (field.name.value === 'prices') allCurrencies = true;
    else if (wanted.includes('prices')) currencies.add(currencyOf(field, info) ?? defaultCurrency);
  };
  eachField(products, info, (field) => {
    add(field, PRODUCT_FIELDS);
    if (field.name.value === 'variants') eachField([field.selectionSet], info, (inner) => add(inner, VARIANT_FIELDS));
  });
  return { parts, currencies: allCurrencies ? null : [...currencies], inactiveVariants };
}

interface Options {
  readonly defaultCurrency: string;
  readonly inactiveVariants: boolean;
}

/** Whether a field of what a field gives is asked for. */
export function selects(info: GraphQLResolveInfo, field: string): boolean {
  let found = false;
  eachField(
    ownSelections(info),
    info,
    ({ name }) => {
      found ||= name.value === field;
    },
  );
  return found;
}

/** What a field that gives one product has to read. */
export const productSelection = (info: GraphQLResolveInfo, { defaultCurrency, inactiveVariants }: Options): ProductSelection =>
  selectionOf(
    ownSelections(info),
    info,
    defaultCurrency,
    inactiveVariants,
  );

/** What a field that gives a connection of products has to read, and whether it has to count them. */
export function productPageSelection(
  info: GraphQLResolveInfo,
  { defaultCurrency, inactiveVariants }: Options,
): { selection: ProductSelection; withTotalCount: boolean } {
  const nodes: (SelectionSetNode | undefined)[] = [];
  let withTotalCount = false;
  const connections = ownSelections(info);
  eachField(connections, info, ({ name, selectionSet }) => {
    if (name.value === 'totalCount') withTotalCount = true;
    if (name.value === 'nodes') nodes.push(selectionSet);
    if (name.value === 'edges') {
      eachField([selectionSet], info, (inner) => {
        if (inner.name.value === 'node') nodes.push(inner.selectionSet);
      });
    }
  });
  return { selection: selectionOf(nodes, info, defaultCurrency, inactiveVariants), withTotalCount };
}

/** What a field that gives a list of things with a `product` each has to read. */
export function recommendedProductSelection(info: GraphQLResolveInfo, { defaultCurrency, inactiveVariants }: Options): ProductSelection {
  const products: (SelectionSetNode | undefined)[] = [];
  eachField(
    ownSelections(info),
    info,
    ({ name, selectionSet }) => {
      if (name.value === 'product') products.push(selectionSet);
    },
  );
  return selectionOf(products, info, defaultCurrency, inactiveVariants);
}
