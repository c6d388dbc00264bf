import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { elasticsearchUrl } from '../support/elasticsearch.ts';
import type { TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';

/** What a storefront is answered. */
export interface Found {
  readonly nodes: { readonly id: string; readonly title: string }[];
  readonly edges: { readonly cursor: string }[];
  readonly totalCount: number;
  readonly semantic: boolean;
  readonly degraded: boolean;
  readonly searchId: string;
  readonly redirectUrl: string | null;
  readonly banner: { readonly title: string; readonly body: string | null; readonly imageUrl: string | null; readonly linkUrl: string | null } | null;
  readonly facets: { readonly categories: { readonly value: string; readonly count: number }[]; readonly attributes: { readonly values: { readonly value: string; readonly count: number }[] }[]; readonly inStock: number };
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface Preview {
  readonly hits: {
    readonly productId: string;
    readonly title: string;
    readonly position: number;
    readonly pinned: boolean;
    readonly byWords: number | null;
    readonly byMeaning: number | null;
    readonly similarity: number | null;
    readonly score: number;
    readonly signals: Readonly<Record<'sold' | 'viewed' | 'stock' | 'margin' | 'recency' | 'rating', number>>;
  }[];
  readonly totalCount: number;
  readonly semantic: boolean;
  readonly redirectUrl: string | null;
  readonly banner: { readonly title: string } | null;
  readonly rules: { readonly id: string; readonly name: string }[];
  readonly terms: { readonly typed: string; readonly synonyms: string[] }[];
}

/** A member of the union of a command, with the fields that tests look at. */
export interface Told {
  readonly __typename: string;
  readonly code?: string;
  readonly field?: string;
  readonly rule?: { readonly id: string; readonly name: string; readonly priority: number; readonly startsAt: string | null };
  readonly id?: string;
  readonly synonyms?: { readonly id: string; readonly terms: string[]; readonly from: string | null };
  readonly words?: string[];
  readonly known?: number;
  readonly judged?: number;
  readonly recorded?: number;
  readonly workflowId?: string;
  readonly weightSet?: { readonly id: string; readonly state: string; readonly share: number | null; readonly evaluation: { readonly queries: number } | null };
}

export interface NewProduct {
  readonly sku: string;
  readonly title: string;
  readonly description?: string;
  readonly categories?: readonly string[];
  readonly colour?: string;
  readonly price?: number;
  readonly stock?: number;
}

const SEARCH = `query S($text: String, $filters: [SearchFilterInput!], $sort: SearchSort, $first: Int, $after: String, $facets: [String!], $visitor: String, $segment: String) {
  productSearch(text: $text, filters: $filters, sort: $sort, first: $first, after: $after, facets: $facets, visitor: $visitor, segment: $segment) {
    nodes { id title } edges { cursor } totalCount semantic degraded searchId redirectUrl banner { title body imageUrl linkUrl }
    facets { categories { value count } attributes { values { value count } } inStock } pageInfo { hasNextPage endCursor } } }`;
const PREVIEW = `query P($input: SearchPreviewInput!) { searchPreview(input: $input) { hits { productId title position pinned byWords byMeaning similarity score signals { sold viewed stock margin recency rating } }
  totalCount semantic redirectUrl banner { title } rules { id name } terms { typed synonyms } } }`;
const REFUSED = '... on InputError { code field }';
const SIGNALS = '{ sold viewed stock margin recency rating }';
const WEIGHTS = `... on SearchWeightSetPayload { weightSet { id state share weights ${SIGNALS} evaluation { queries live { ndcg mrr } candidate { ndcg mrr } judgedQueries judgedLive { ndcg } judgedCandidate { ndcg } } } }`;
const COMMANDS = {
  searchRuleCreate: ['SearchRuleCreateInput', '... on SearchRulePayload { rule { id name priority startsAt } }'],
  searchRuleUpdate: ['SearchRuleUpdateInput', '... on SearchRulePayload { rule { id name priority startsAt } }'],
  searchRuleDelete: ['SearchRuleDeleteInput', '... on SearchDeletePayload { id }'],
  searchSynonymsPut: ['SearchSynonymsInput', '... on SearchSynonymsPayload { synonyms { id terms from } }'],
  searchSynonymsDelete: ['SearchSynonymsDeleteInput', '... on SearchDeletePayload { id }'],
  searchStopWordsSet: ['SearchStopWordsInput', '... on SearchStopWordsPayload { words }'],
  searchWeightsSet: ['SearchWeightsSetInput', WEIGHTS],
  searchWeightsActivate: ['SearchWeightsActivateInput', WEIGHTS],
  searchWeightsRetire: ['SearchWeightsRetireInput', WEIGHTS],
  searchWeightsLearn: ['SearchWeightsLearnInput', '... on SearchWeightsLearnPayload { workflowId }'],
  searchJudge: ['SearchJudgeInput', '... on SearchJudgePayload { judged }'],
  productRatingsSet: ['ProductRatingsInput', '... on ProductFactsPayload { known }'],
  variantCostsSet: ['VariantCostsInput', '... on ProductFactsPayload { known }'],
} as const;
export type Command = keyof typeof COMMANDS;

export const ACTOR = 'Grace';
const HEARD = 20_000;

/** A store with what merchandisers do with it. */
export interface MerchandisedStore {
  search(variables?: Record<string, unknown>): Promise<Found>;
  /** The titles of a search. */
  titles(text: string, more?: Record<string, unknown>): Promise<string[]>;
  /** Searches until what is found is as wanted. */
  until(what: string, variables: Record<string, unknown>, wanted: (found: Found) => boolean): Promise<Found>;
  /** Until the titles of a search are these. */
  untilTitles(text: string, titles: readonly string[], more?: Record<string, unknown>): Promise<Found>;
  preview(input?: Record<string, unknown>): Promise<Preview>;
  command(name: Command, input: Record<string, unknown>): Promise<Told>;
  /** Makes a rule; fails when it is refused. */
  rule(rule: Record<string, unknown>): Promise<string>;
  /** Takes all rules away. */
  clearRules(): Promise<void>;
  /** Makes products and waits until they are found; tells their ids by title. */
  products(products: readonly NewProduct[]): Promise<Readonly<Record<string, string>>>;
  category(handle: string): Promise<void>;
  /** What the audit log has of a subject, the oldest first. */
  audited(subjectId: string): Promise<string[]>;
  recommend(input: Record<string, unknown>): Promise<{ id: string; title: string; reason: string; becauseOf: string | null }[]>;
  record(visitor: string, events: readonly Record<string, unknown>[], cartToken?: string): Promise<Told>;
}

/** The commands over a running store. */
export function merchandised(store: TestStore): MerchandisedStore {
  const search = async (variables: Record<string, unknown> = {}): Promise<Found> => (await store.query<{ productSearch: Found }>(SEARCH, variables)).productSearch;
  const command = async (name: Command, input: Record<string, unknown>): Promise<Told> => {
    const [type, payload] = COMMANDS[name];
    const told = await store.admin<Record<string, Told>>(`mutation C($input: ${type}!) { ${name}(input: $input) { __typename ${payload} ${REFUSED} } }`, { input: { actor: ACTOR, ...input } });
    return told[name] ?? assert.fail();
  };
  const until: MerchandisedStore['until'] = (what, variables, wanted) =>
    waitFor(
      async () => {
        const found = await search(variables);
        if (!wanted(found)) throw new Error(JSON.stringify({ titles: found.nodes.map(({ title }) => title), total: found.totalCount }));
        return found;
      },
      { what, timeoutMs: HEARD },
    );

  return {
    search,
    command,
    until,
    titles: async (text, more = {}) => (await search({ text, ...more })).nodes.map(({ title }) => title),
    untilTitles: (text, titles, more = {}) => until(`${text} to find ${titles.join(', ')}`, { text, ...more }, ({ nodes }) => nodes.map(({ title }) => title).join() === titles.join()),
    preview: async (input = {}) => (await store.admin<{ searchPreview: Preview }>(PREVIEW, { input })).searchPreview,
    async rule(rule) {
      const told = await command('searchRuleCreate', { rule: { name: 'A rule', ...rule } });
      return told.rule?.id ?? assert.fail(JSON.stringify(told));
    },
    async clearRules() {
      const { searchRules } = await store.admin<{ searchRules: { nodes: { id: string }[] } }>('{ searchRules(first: 100) { nodes { id } } }');
      for (const { id } of searchRules.nodes) await command('searchRuleDelete', { ruleId: id });
    },
    async category(handle) {
      await store.admin('mutation C($input: CategoryCreateInput!) { categoryCreate(input: $input) { __typename } }', { input: { handle, name: handle } });
    },
    async products(products) {
      const ids: Record<string, string> = {};
      const { totalCount } = await search();
      for (const { sku, title, description = '', categories = [], colour, price = 1_000, stock = 10 } of products) {
        const options = colour === undefined ? {} : { options: [{ name: 'Colour', values: [colour] }] };
        const selected = colour === undefined ? {} : { selectedOptions: [{ name: 'Colour', value: colour }] };
        const { productCreate } = await store.admin<{ productCreate: { product?: { id: string } } }>(
          'mutation C($input: ProductCreateInput!) { productCreate(input: $input) { __typename ... on ProductPayload { product { id } } ... on InputError { code field message } } }',
          { input: { handle: sku.toLowerCase(), title, description, status: 'ACTIVE', categories, ...options, variants: [{ sku, prices: [{ currency: 'USD', amount: price }], stock: [{ location: 'main', onHand: stock }], ...selected }] } },
        );
        ids[title] = productCreate.product?.id ?? assert.fail(JSON.stringify(productCreate));
      }
      await until('the products', {}, (found) => found.totalCount >= totalCount + products.length);
      return ids;
    },
    audited: async (subjectId) => (await store.database.rows<{ action: string }>(ephemeral('SELECT action FROM audit_log WHERE subject_id = $1 AND actor = $2 ORDER BY id'), [subjectId, ACTOR])).map(({ action }) => action),
    async recommend(input) {
      const { productRecommendations } = await store.query<{ productRecommendations: { product: { id: string; title: string }; reason: string; becauseOf: string | null }[] }>(
        'query R($kind: RecommendationKind!, $productIds: [ID!], $visitor: String, $first: Int) { productRecommendations(kind: $kind, productIds: $productIds, visitor: $visitor, first: $first) { product { id title } reason becauseOf } }',
        input,
      );
      return productRecommendations.map(({ product, ...rest }) => ({ ...product, ...rest }));
    },
    async record(visitor, events, cartToken) {
      const { shopperEventsRecord } = await store.query<{ shopperEventsRecord: Told }>(
        `mutation E($input: ShopperEventsRecordInput!) { shopperEventsRecord(input: $input) { __typename ... on ShopperEventsRecordPayload { recorded } ${REFUSED} } }`,
        { input: { visitor, events, ...(cartToken === undefined ? {} : { cartToken }) } },
      );
      return shopperEventsRecord;
    },
  };
}

const url = elasticsearchUrl();

/** An engine that tests run on: what a store needs in its environment, why it cannot be had, and how to leave nothing behind. */
export interface TestedEngine {
  readonly engine: string;
  readonly env: Readonly<Record<string, string>>;
  readonly skip: string | false;
  cleanUp(): Promise<void>;
}

/** Both engines; Elasticsearch under a prefix of its own. */
export function testedEngines(): TestedEngine[] {
  const prefix = `merch-${randomUUID().slice(0, 8)}-`;
  const elasticsearch: TestedEngine = {
    engine: 'elasticsearch',
    env: { ELASTICSEARCH_URL: url ?? '', ELASTICSEARCH_PREFIX: prefix, ELASTICSEARCH_TIMEOUT_MS: '5000' },
    skip: url === undefined && 'there is no Elasticsearch here',
    async cleanUp() {
      const indexes = (await (await fetch(`${url}/_cat/indices/${prefix}*?format=json&h=index`)).json()) as { index: string }[];
      for (const { index } of indexes) await fetch(`${url}/${index}`, { method: 'DELETE' });
    },
  };
  return [{ engine: 'postgres', env: {}, skip: false, cleanUp: async () => undefined }, elasticsearch];
}
