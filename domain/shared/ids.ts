/** Prefix of each kind of id; an id reads `<prefix>_<26 sortable characters>`. */
export const ID_PREFIXES = {
  attribute: 'attr',
  cart: 'cart',
  cartLine: 'line',
  category: 'cat',
  channel: 'chan',
  checkout: 'chk',
  collection: 'col',
  customer: 'cus',
  customerGroup: 'cgr',
  dispute: 'dsp',
  draftOrder: 'dft',
  event: 'evt',
  fraudListEntry: 'flist',
  fraudOutcome: 'fout',
  fraudReviewNote: 'fnote',
  fraudRuleSet: 'frs',
  fraudRuleSetVersion: 'frsv',
  fulfillment: 'ful',
  housePaymentEntry: 'hpe',
  incident: 'inc',
  inventoryItem: 'item',
  movement: 'mov',
  notification: 'ntf',
  option: 'opt',
  optionValue: 'optv',
  order: 'ord',
  orderCommand: 'ocmd',
  orderEdit: 'oed',
  orderLine: 'oli',
  payment: 'pay',
  paymentOperation: 'pop',
  price: 'price',
  product: 'prod',
  productImage: 'img',
  promotion: 'promo',
  reconciliationRun: 'rec',
  refund: 'ref',
  request: 'req',
  return: 'ret',
  paymentMethodSetup: 'pms',
  savedPaymentMethod: 'spm',
  shippingMethod: 'ship',
  search: 'srch',
  searchRule: 'srule',
  searchWeights: 'sw',
  stockLevel: 'lvl',
  stockLocation: 'loc',
  storedValueAccount: 'sva',
  storedValueEntry: 'sve',
  synonymSet: 'syn',
  taxRate: 'tax',
  variant: 'var',
  webhookDelivery: 'whd',
  webhookEndpoint: 'whe',
  webhookSecret: 'whs',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** Makes prefixed ids that sort by creation time. Filled by `platform/ids.ts`; tests may fill it with a counter. */
export type IdGenerator = (kind: IdKind) => string;

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Encodes a prefixed ULID (10 characters of time, 16 of randomness).
 * @param timeMs milliseconds since the epoch
 * @param random at least 10 random bytes
 */
export function encodeId(kind: IdKind, timeMs: number, random: Uint8Array): string {
  let time = timeMs;
  let head = '';
  for (let i = 0; i < 10; i += 1) {
    head = CROCKFORD.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  let bits = 0;
  let buffer = 0;
  for (let i = 0; i < 10; i += 1) {
    buffer = (buffer << 8) | (random[i] ?? 0);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      tail += CROCKFORD.charAt((buffer >> bits) & 31);
    }
  }
  return `${ID_PREFIXES[kind]}_${head}${tail}`;
}

/** Whether `value` has the shape of an id of this kind. */
export function isId(kind: IdKind, value: string): boolean {
  return value.length === ID_PREFIXES[kind].length + 27 && value.startsWith(`${ID_PREFIXES[kind]}_`) && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(value.slice(-26));
}
