const MONEY = '{ amount currency }';
const ADDRESS = '{ firstName lastName company line1 line2 city region postalCode countryCode phone }';
const FULFILLMENT = 'id number status lines { orderLineId quantity } carrier trackingNumber trackingUrl createdAt shippedAt deliveredAt canceledAt';

/** What REST shows of an order, to its customer and to operators alike. */
export const ORDER = `id number version status paymentStatus fulfillmentStatus returnStatus email
  lines { id variantId sku productTitle variantTitle quantity canceledQuantity fulfillmentQuantity shippedQuantity deliveredQuantity returnedQuantity
    refundedQuantity unitPrice ${MONEY} discount ${MONEY} tax ${MONEY} total ${MONEY} }
  totals { subtotal ${MONEY} discount ${MONEY} shipping ${MONEY} tax ${MONEY} taxLines { name ratePpm amount ${MONEY} } total ${MONEY} pricesIncludeTax }
  shippingAddress ${ADDRESS} billingAddress ${ADDRESS} shippingMethodName promotionCode
  payments { id gateway status amount ${MONEY} captured ${MONEY} refunded ${MONEY} refundPending ${MONEY} credited ${MONEY} capturableUntil cardBrand cardLast4 createdAt }
  refunds { id status amount ${MONEY} destination reason createdAt finishedAt }
  fulfillments { ${FULFILLMENT} } placedAt canceledAt cancelReason deliveredAt completedAt`;

/** What a list shows; the rest is read order by order. */
const SUMMARY = `id number version status paymentStatus fulfillmentStatus returnStatus email tags totals { total ${MONEY} } placedAt deliveredAt completedAt`;
const ADMIN_ORDER = `${ORDER} tags`;
const ADMIN_FULFILLMENT = `${FULFILLMENT} orderId locationId provider providerRef service labelUrl createdBy cancelReason`;
const REFUSED = '... on InputError { code message field }';
const MISMATCH = '... on VersionMismatch { code message currentVersion }';

const command = (field: string, input: string, payload: string): string =>
  `mutation Rest($input: ${input}!) { answer: ${field}(input: $input) { __typename ${payload} ${REFUSED} } }`;

const PAYMENT = `... on OrderPaymentPayload { order { ${ADMIN_ORDER} } } ... on PaymentNotMade { outcome message order { ${ADMIN_ORDER} } } ${MISMATCH}`;
const CHANGED = `... on OrderCommandPayload { order { ${ADMIN_ORDER} } }`;
const MOVED = `... on FulfillmentPayload { fulfillment { ${ADMIN_FULFILLMENT} } order { ${ADMIN_ORDER} } }`;

/** The operations of the admin schema that REST offers. */
export const ADMIN_ORDERS = {
  list: `query Rest($first: Int, $after: String, $filter: OrderFilter) {
    answer: orders(first: $first, after: $after, filter: $filter) { nodes { ${SUMMARY} } pageInfo { hasNextPage endCursor } } }`,
  get: `query Rest($id: ID!) { answer: order(id: $id) { ${ADMIN_ORDER} } }`,
  timeline: `query Rest($id: ID!, $first: Int, $after: String) { answer: order(id: $id) { timeline(first: $first, after: $after) {
    nodes { id at source type actor subjectId key attempt amount ${MONEY} cause nextAction detail } pageInfo { hasNextPage endCursor } } } }`,
  cancel: command('orderCancel', 'OrderCancelInput', `... on OrderCancelPayload { order { ${ADMIN_ORDER} } }`),
  capture: command('orderCapture', 'OrderCaptureInput', PAYMENT),
  void: command('orderVoid', 'OrderVoidInput', PAYMENT),
  refund: command('orderRefund', 'OrderRefundInput', `... on OrderRefundPayload { refund { id status amount ${MONEY} } order { ${ADMIN_ORDER} } } ${MISMATCH}`),
  fulfill: command('orderFulfill', 'OrderFulfillInput', `... on OrderFulfillPayload { fulfillments { ${ADMIN_FULFILLMENT} } order { ${ADMIN_ORDER} } } ${MISMATCH}`),
  move: command('fulfillmentMove', 'FulfillmentMoveInput', MOVED),
  cancelFulfillment: command('fulfillmentCancel', 'FulfillmentCancelInput', MOVED),
  note: command('orderNoteAdd', 'OrderNoteAddInput', CHANGED),
  tags: command('orderTagsSet', 'OrderTagsSetInput', CHANGED),
} as const;

/** The operations of the storefront schema that REST offers. */
export const STOREFRONT_ORDERS = {
  get: `query Rest($cartToken: String!) { answer: order(cartToken: $cartToken) { ${ORDER} } }`,
} as const;
