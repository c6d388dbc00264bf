const MONEY = '{ amount currency }';
/** What a list shows; the rest is read product by product. */
const product = (currency: string): string => `id handle title images { url alt } priceRange${currency} { min ${MONEY} max ${MONEY} }`;
const PAGE = 'pageInfo { hasNextPage endCursor }';
const REFUSED = '... on InputError { code message field }';

/** The operations of the storefront schema on search that REST offers. */
export const STOREFRONT_SEARCH = {
  search: `query Rest($text: String, $filters: [SearchFilterInput!], $sort: SearchSort, $first: Int, $after: String, $currency: String, $facets: [String!], $visitor: String, $segment: String) {
    answer: productSearch(text: $text, filters: $filters, sort: $sort, first: $first, after: $after, currency: $currency, facets: $facets, visitor: $visitor, segment: $segment) {
      edges { node { ${product('(currency: $currency)')} } titleHighlight descriptionHighlight } totalCount didYouMean degraded semantic searchId redirectUrl banner { title body imageUrl linkUrl }
      facets { categories { value label count } attributes { code name values { value label count } } price { min ${MONEY} max ${MONEY} } inStock } ${PAGE} } }`,
  suggestions: 'query Rest($prefix: String!, $first: Int) { answer: productSearchSuggestions(prefix: $prefix, first: $first) }',
  recommendations: `query Rest($kind: RecommendationKind!, $productIds: [ID!], $visitor: String, $first: Int) {
    answer: productRecommendations(kind: $kind, productIds: $productIds, visitor: $visitor, first: $first) { product { ${product('')} } reason becauseOf } }`,
  record: `mutation Rest($input: ShopperEventsRecordInput!) { answer: shopperEventsRecord(input: $input) { __typename ... on ShopperEventsRecordPayload { recorded } ${REFUSED} } }`,
} as const;

const TARGET = '{ productIds category attribute { code value } }';
const BANNER = 'banner { title body imageUrl linkUrl }';
const RULE = `id name enabled priority condition { match phrases categories segments channels locales customerGroups }
  actions { pins { productId position } adjustments { target ${TARGET} factor } hidden ${TARGET} redirectUrl ${BANNER} } startsAt endsAt updatedAt`;
const SIGNALS = '{ sold viewed stock margin recency rating }';
const SYNONYMS = 'id terms from locale';
const FIGURES = '{ searches zeroResults clicked carted ordered clickThroughRate conversionRate clickPosition }';
const ENGINE = 'engine available indexes { name documents active building current } rebuild { name phase total written mended refused problem }';

const command = (field: string, input: string, payload: string): string =>
  `mutation Rest($input: ${input}!) { answer: ${field}(input: $input) { __typename ${payload} ${REFUSED} } }`;
const onRule = `... on SearchRulePayload { rule { ${RULE} } }`;
const onDelete = '... on SearchDeletePayload { id }';
const onEngine = `... on SearchEnginePayload { engines { ${ENGINE} } }`;

/** The operations of the admin schema on search that REST offers. */
export const ADMIN_SEARCH = {
  rules: `query Rest($first: Int, $after: String) { answer: searchRules(first: $first, after: $after) { nodes { ${RULE} } ${PAGE} } }`,
  rule: `query Rest($id: ID!) { answer: searchRule(id: $id) { ${RULE} } }`,
  createRule: command('searchRuleCreate', 'SearchRuleCreateInput', onRule),
  updateRule: command('searchRuleUpdate', 'SearchRuleUpdateInput', onRule),
  deleteRule: command('searchRuleDelete', 'SearchRuleDeleteInput', onDelete),
  preview: `query Rest($input: SearchPreviewInput!) { answer: searchPreview(input: $input) {
    hits { productId title position pinned byWords byMeaning similarity score signals ${SIGNALS} } totalCount semantic degraded redirectUrl ${BANNER} rules { id name } terms { typed synonyms } } }`,
  synonyms: `query Rest($first: Int, $after: String) { answer: searchSynonyms(first: $first, after: $after) { nodes { ${SYNONYMS} } ${PAGE} } }`,
  putSynonyms: command('searchSynonymsPut', 'SearchSynonymsInput', `... on SearchSynonymsPayload { synonyms { ${SYNONYMS} } }`),
  deleteSynonyms: command('searchSynonymsDelete', 'SearchSynonymsDeleteInput', onDelete),
  analytics: `query Rest($from: String!, $to: String!, $channel: String, $locale: String, $orderBy: SearchQueryOrder, $first: Int, $after: String) {
    answer: searchAnalytics(from: $from, to: $to, channel: $channel, locale: $locale, orderBy: $orderBy, first: $first, after: $after) {
      totals ${FIGURES} queries { nodes { text figures ${FIGURES} } ${PAGE} } weightSets { weightSetId figures ${FIGURES} } } }`,
  engines: `query Rest { answer: searchEngines { ${ENGINE} } }`,
  meanings: `query Rest($first: Int, $after: String) { answer: searchMeanings { model waiting refused refusals(first: $first, after: $after) { nodes { productId title reason refusedAt } ${PAGE} } } }`,
  retryMeanings: command('searchMeaningsRetry', 'SearchMeaningsRetryInput', '... on SearchMeaningsRetryPayload { retried }'),
  reindex: command('searchReindex', 'SearchReindexInput', '... on SearchReindexPayload { name workflowId }'),
  cancelReindex: command('searchReindexCancel', 'SearchReindexCancelInput', onEngine),
  pace: command('searchReindexPace', 'SearchReindexPaceInput', onEngine),
  rollBack: command('searchRollBack', 'SearchRollBackInput', onEngine),
} as const;
