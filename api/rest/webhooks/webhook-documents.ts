/** What REST shows of an endpoint. */
const ENDPOINT = `id url description eventTypes filter selection transformation headerNames authentication { type username tokenUrl clientId scope }
  hasClientCertificate status pausedReason pausedAt ordered rateLimit maxInFlight timeoutMs retryHours
  health { state failures failingSince openUntil lastSuccessAt lastFailureAt }
  backlog { pending oldestPendingAt recentlyDelivered recentlyExhausted recentlyCanceled }
  secrets { id createdAt expiresAt last4 } version createdBy createdAt updatedAt`;
const DELIVERY = `id endpointId eventId eventType aggregateId sequence status waitsFor attemptCount nextAttemptAt giveUpAt url replayOf lastStatus lastError
  createdAt deliveredAt`;
const ATTEMPT = 'number at url outcome status reason message durationMs requestHeaders requestBytes requestBody responseHeaders responseBody';
const EVENT = 'id type version timestamp aggregateId sequence data';
const PAGE = 'pageInfo { hasNextPage endCursor }';
const REFUSED = '... on InputError { code message field }';

const command = (field: string, input: string, payload: string): string =>
  `mutation Rest($input: ${input}!) { answer: ${field}(input: $input) { __typename ${payload} ${REFUSED} } }`;
const onEndpoint = `... on WebhookEndpointPayload { endpoint { ${ENDPOINT} } }`;
const onSecret = `... on WebhookSecretPayload { endpoint { ${ENDPOINT} } secret }`;
const onDelivery = `... on WebhookDeliveryPayload { delivery { ${DELIVERY} } }`;
const onReplay = '... on WebhookReplayPayload { count next }';

/** The operations of the admin schema on webhooks that REST offers. */
export const ADMIN_WEBHOOKS = {
  endpoints: `query Rest($first: Int, $after: String, $status: WebhookEndpointStatus) {
    answer: webhookEndpoints(first: $first, after: $after, status: $status) { nodes { ${ENDPOINT} } ${PAGE} } }`,
  endpoint: `query Rest($id: ID!) { answer: webhookEndpoint(id: $id) { ${ENDPOINT} } }`,
  create: command('webhookEndpointCreate', 'WebhookEndpointCreateInput', onSecret),
  update: command('webhookEndpointUpdate', 'WebhookEndpointUpdateInput', `${onEndpoint} ... on VersionMismatch { code message currentVersion }`),
  remove: command('webhookEndpointDelete', 'WebhookEndpointDeleteInput', '... on WebhookEndpointDeletePayload { endpointId }'),
  pause: command('webhookEndpointPause', 'WebhookEndpointPauseInput', onEndpoint),
  resume: command('webhookEndpointResume', 'WebhookEndpointResumeInput', onEndpoint),
  rotateSecret: command('webhookEndpointRotateSecret', 'WebhookEndpointRotateSecretInput', onSecret),
  test: command('webhookEndpointTest', 'WebhookEndpointTestInput', onDelivery),
  recover: command('webhookEndpointRecover', 'WebhookEndpointRecoverInput', onReplay),
  deliveries: `query Rest($first: Int, $after: String, $filter: WebhookDeliveryFilter) {
    answer: webhookDeliveries(first: $first, after: $after, filter: $filter) { nodes { ${DELIVERY} } ${PAGE} } }`,
  delivery: `query Rest($id: ID!) { answer: webhookDelivery(id: $id) { ${DELIVERY} } }`,
  attempts: `query Rest($id: ID!, $first: Int, $after: String) {
    answer: webhookDelivery(id: $id) { attempts(first: $first, after: $after) { nodes { ${ATTEMPT} } ${PAGE} } } }`,
  replay: command('webhookDeliveryReplay', 'WebhookDeliveryReplayInput', onDelivery),
  replayRange: command('webhookDeliveriesReplay', 'WebhookDeliveriesReplayInput', onReplay),
  cancel: command('webhookDeliveryCancel', 'WebhookDeliveryCancelInput', onDelivery),
  events: `query Rest($first: Int, $after: String, $since: DateTime, $types: [String!]) {
    answer: webhookEvents(first: $first, after: $after, since: $since, types: $types) { nodes { ${EVENT} } ${PAGE} } }`,
  event: `query Rest($id: ID!) { answer: webhookEvent(id: $id) { ${EVENT} } }`,
} as const;
