import { invalid } from '../../../domain/shared/errors.ts';
import type { GraphqlRoute, RestRequest } from '../graphql-routes.ts';
import { input, page } from '../route-variables.ts';
import { askedFilters, askedList } from './asked-filters.ts';
import { ADMIN_SEARCH, STOREFRONT_SEARCH } from './search-documents.ts';

const VISITOR_HEADER = 'x-visitor';

/** The name that the storefront gives the browser: in a header, since addresses end up in logs. */
const visitor = ({ header }: RestRequest): { visitor?: string } => {
  const name = header(VISITOR_HEADER);
  return name === undefined ? {} : { visitor: name };
};

/** Those of the names that the query has. */
const taken = ({ query }: RestRequest, names: readonly string[]): Record<string, string> => Object.fromEntries(names.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])));
const upper = (values: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.toUpperCase()]));

/** Search for shoppers, below `/v1`. */
export const storefrontSearchRoutes: readonly GraphqlRoute[] = [
  {
    method: 'get',
    path: '/search',
    document: STOREFRONT_SEARCH.search,
    variables: (request) => ({
      ...page(request),
      ...taken(request, ['text', 'currency', 'segment']),
      ...upper(taken(request, ['sort'])),
      ...askedList(request.query, 'facets'),
      ...visitor(request),
      filters: askedFilters(request.query),
    }),
  },
  { method: 'get', path: '/search/suggestions', document: STOREFRONT_SEARCH.suggestions, variables: (request) => ({ ...page(request), prefix: request.query['prefix'] ?? '' }) },
  {
    method: 'get',
    path: '/recommendations',
    document: STOREFRONT_SEARCH.recommendations,
    variables(request) {
      if (request.query['kind'] === undefined) throw invalid('kind', 'Say what is to be recommended');
      return { ...page(request), ...upper(taken(request, ['kind'])), ...askedList(request.query, 'productIds'), ...visitor(request) };
    },
  },
  { method: 'post', path: '/shopper-events', document: STOREFRONT_SEARCH.record, variables: (request) => ({ input: { ...request.body, ...visitor(request) } }), status: 201 },
];

const ofRule = input('ruleId');
const byId = ({ params }: RestRequest) => ({ id: params['id'] });
const ofEngine = ({ params, body }: RestRequest) => ({ input: { ...body, engine: params['engine']?.toUpperCase() } });

/** Search for merchandisers and operators, below `/admin/v1`. */
export const adminSearchRoutes: readonly GraphqlRoute[] = [
  { method: 'get', path: '/search/rules', document: ADMIN_SEARCH.rules, variables: page },
  { method: 'post', path: '/search/rules', document: ADMIN_SEARCH.createRule, variables: ({ body }) => ({ input: body }), status: 201 },
  { method: 'get', path: '/search/rules/:id', document: ADMIN_SEARCH.rule, variables: byId },
  { method: 'put', path: '/search/rules/:id', document: ADMIN_SEARCH.updateRule, variables: ofRule },
  { method: 'delete', path: '/search/rules/:id', document: ADMIN_SEARCH.deleteRule, variables: ofRule },
  { method: 'post', path: '/search/preview', document: ADMIN_SEARCH.preview, variables: ({ body }) => ({ input: body }) },
  { method: 'get', path: '/search/synonyms', document: ADMIN_SEARCH.synonyms, variables: page },
  { method: 'post', path: '/search/synonyms', document: ADMIN_SEARCH.putSynonyms, variables: ({ body }) => ({ input: body }), status: 201 },
  { method: 'put', path: '/search/synonyms/:id', document: ADMIN_SEARCH.putSynonyms, variables: ({ params, body }) => ({ input: { ...body, id: params['id'] } }) },
  { method: 'delete', path: '/search/synonyms/:id', document: ADMIN_SEARCH.deleteSynonyms, variables: input('synonymsId') },
  {
    method: 'get',
    path: '/search/analytics',
    document: ADMIN_SEARCH.analytics,
    variables: (request) => ({ ...page(request), from: '', to: '', ...taken(request, ['from', 'to', 'channel', 'locale']), ...upper(taken(request, ['orderBy'])) }),
  },
  { method: 'get', path: '/search/engines', document: ADMIN_SEARCH.engines, variables: () => ({}) },
  { method: 'get', path: '/search/meanings', document: ADMIN_SEARCH.meanings, variables: page },
  { method: 'post', path: '/search/meanings/retry', document: ADMIN_SEARCH.retryMeanings, variables: ({ body }) => ({ input: body }) },
  { method: 'post', path: '/search/engines/:engine/reindex', document: ADMIN_SEARCH.reindex, variables: ofEngine, status: 201 },
  { method: 'post', path: '/search/engines/:engine/cancel', document: ADMIN_SEARCH.cancelReindex, variables: ofEngine },
  { method: 'post', path: '/search/engines/:engine/pace', document: ADMIN_SEARCH.pace, variables: ofEngine },
  { method: 'post', path: '/search/engines/:engine/roll-back', document: ADMIN_SEARCH.rollBack, variables: ofEngine },
];
