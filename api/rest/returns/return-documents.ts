const MONEY = '{ amount currency }';
const SETTLEMENT = `settlement { value ${MONEY} shippingRefund ${MONEY} restockingFee ${MONEY} labelFee ${MONEY} amount ${MONEY} }`;

/** What REST shows of a return, to its customer and to operators alike. */
const RETURN = `id orderId number kind status sendBack lines { orderLineId quantity reason receivedQuantity acceptedQuantity } wanted { variantId quantity }
  note decisionReason labelUrl carrier trackingNumber trackingUrl sendBackBy ${SETTLEMENT} refundId outcome requestedAt decidedAt receivedAt inspectedAt endedAt`;
const ADMIN_RETURN = `${RETURN} requestedBy decidedBy provider decideBy inspectBy units { orderLineId condition received accepted restocked }`;
const ORDER = 'order { id version status returnStatus paymentStatus }';
const REFUSED = '... on InputError { code message field }';

const command = (field: string, input: string, shown = ADMIN_RETURN): string =>
  `mutation Rest($input: ${input}!) { answer: ${field}(input: $input) { __typename ... on ReturnPayload { return { ${shown} } ${ORDER} } ${REFUSED} } }`;

/** The operations of the admin schema that REST offers. */
export const ADMIN_RETURNS = {
  list: `query Rest($first: Int, $after: String, $status: ReturnStatus, $kind: ReturnKind, $orderId: ID) {
    answer: returns(first: $first, after: $after, status: $status, kind: $kind, orderId: $orderId) { nodes { ${ADMIN_RETURN} } pageInfo { hasNextPage endCursor } } }`,
  get: `query Rest($id: ID!) { answer: return(id: $id) { ${ADMIN_RETURN} } }`,
  open: command('returnOpen', 'ReturnOpenInput'),
  approve: command('returnApprove', 'ReturnApproveInput'),
  reject: command('returnReject', 'ReturnRejectInput'),
  cancel: command('returnCancel', 'ReturnRejectInput'),
  ship: command('returnShip', 'ReturnShipInput'),
  receive: command('returnReceive', 'ReturnReceiveInput'),
  settle: command('returnSettle', 'ReturnSettleInput'),
  preview: `mutation Rest($input: ReturnSettleInput!) { answer: returnSettlePreview(input: $input) { __typename ... on ReturnSettlePreview { ${SETTLEMENT} } ${REFUSED} } }`,
} as const;

/** The operations of the storefront schema that REST offers. */
export const STOREFRONT_RETURNS = {
  ofOrder: `query Rest($cartToken: String!) { answer: order(cartToken: $cartToken) { returns { ${RETURN} }
    returnOptions { until lines { orderLineId quantity claimableQuantity refusal } } } }`,
  request: command('returnRequest', 'ReturnRequestInput', RETURN),
  cancel: command('returnCancel', 'ReturnCancelInput', RETURN),
} as const;
