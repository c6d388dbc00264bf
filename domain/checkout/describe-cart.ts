import { planStoredValue } from '../payments/plan-stored-value.ts';
import { allocateStock, type StockAllocation, type StockDemand } from '../catalog/stock-allocation.ts';
import type { Cart, CartLine, CartProblem, ShippingMethodQuote } from './cart.ts';
import type { CartLineRecord, CartRecord, ShippingMethodRecord } from './cart-record.ts';
import { holdsTerms, type DraftTerms } from './draft-order.ts';
import { promotionProblem, type PromotionProblem } from './promotion.ts';
import { computeTotals, type PricedLine } from './totals.ts';

const PROMOTION_MESSAGES: Record<PromotionProblem, string> = {
  NOT_STARTED: 'The code cannot be used yet',
  ENDED: 'The code has ended',
  USED_UP: 'The code has been used up',
  WRONG_CURRENCY: "The code is not for the cart's currency",
  SUBTOTAL_TOO_LOW: 'The subtotal is too low for the code',
};

type PricedRecord = CartLineRecord & { readonly unitAmount: number };

const isPriced = (line: CartLineRecord): line is PricedRecord => line.sellable && line.unitAmount !== null;

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

/** What the lines take from the shelf, and what may wait for stock. */
const stockDemands = (lines: readonly CartLineRecord[]): StockDemand[] =>
  lines.map(({ quantity, inventory, stockPolicy }) => ({ quantity, parts: inventory, mayWait: stockPolicy !== 'deny' }));

/** Where the cart's stock would come from, by its channel's rules. */
export function allocateCart(record: CartRecord): StockAllocation {
  const parts = record.lines.flatMap((line) => line.inventory);
  return allocateStock(stockDemands(record.lines), record.stock, {
    strategy: record.channel.allocationStrategy,
    destination: record.shippingAddress,
    owed: new Map(parts.map(({ inventoryItemId, backordered }) => [inventoryItemId, backordered])),
    backorderLeft: new Map(
      parts.flatMap(({ inventoryItemId, backordered, backorderLimit }) =>
        backorderLimit === null ? [] : [[inventoryItemId, Math.max(0, backorderLimit - backordered)] as const],
      ),
    ),
  });
}

/** Units of this line's variant that could be bought if nothing else were in the cart; null when any number could. */
export function availableUnits(line: CartLineRecord, record: CartRecord): number | null {
  const waits = line.stockPolicy !== 'deny';
  const limited = line.inventory.filter((part) => !waits || part.backorderLimit !== null);
  if (limited.length === 0) return null;
  return Math.min(
    ...limited.map((part) => {
      const onShelves = sum(record.stock.filter((source) => source.inventoryItemId === part.inventoryItemId).map((source) => source.available));
      const later = waits ? Math.max(0, (part.backorderLimit ?? 0) - part.backordered) : 0;
      return Math.floor((Math.max(0, onShelves - part.backordered) + later) / part.quantity);
    }),
  );
}

function shipsTo(method: ShippingMethodRecord, countryCode: string | undefined): boolean {
  return method.countries.length === 0 || (countryCode !== undefined && method.countries.includes(countryCode));
}

const rateOf = ({ amount, freeFrom }: ShippingMethodRecord, subtotal: number): number =>
  freeFrom !== null && subtotal >= freeFrom ? 0 : amount;

const quote = (method: ShippingMethodRecord, subtotal: number, agreed: DraftTerms | null): ShippingMethodQuote => ({
  id: method.id,
  code: method.code,
  name: method.name,
  description: method.description,
  taxCategory: method.taxCategory,
  amount: agreed?.shipping?.methodId === method.id ? agreed.shipping.amount : rateOf(method, subtotal),
});

function lineProblems({ lines, currency }: { lines: readonly CartLineRecord[]; currency: string }): CartProblem[] {
  const problems: CartProblem[] = [];
  for (const line of lines) {
    const field = `lines.${line.id}`;
    if (!isPriced(line)) {
      problems.push({ code: 'VARIANT_UNAVAILABLE', field, message: `${line.productTitle} (${line.sku}) is not sold in ${currency} now` });
    } else if (line.unitAmount !== line.quotedAmount) {
      problems.push({ code: 'PRICE_CHANGED', field, message: `The price of ${line.productTitle} (${line.sku}) has changed` });
    }
  }
  return problems;
}

/** The lines that cannot be had in the wanted quantity: those of the items that all lines together take too much of. */
export function shortLines(record: CartRecord): { line: CartLineRecord; available: number }[] {
  const allocation = allocateCart(record);
  if (allocation.ok) return [];
  const short = new Set(allocation.shortages.map((shortage) => shortage.inventoryItemId));
  return record.lines
    .filter((line) => line.inventory.some((part) => short.has(part.inventoryItemId)))
    .map((line) => ({ line, available: availableUnits(line, record) ?? 0 }));
}

function addressProblems(record: CartRecord, offered: readonly ShippingMethodQuote[]): CartProblem[] {
  const problems: CartProblem[] = [];
  if (record.email === null) problems.push({ code: 'EMAIL_MISSING', field: 'email', message: 'An e-mail address is needed' });
  if (record.shippingAddress === null) {
    problems.push({ code: 'SHIPPING_ADDRESS_MISSING', field: 'shippingAddress', message: 'A shipping address is needed' });
  }
  if (record.shippingMethodId === null) {
    problems.push({ code: 'SHIPPING_METHOD_MISSING', field: 'shippingMethodId', message: 'A shipping method must be chosen' });
  } else if (record.shippingAddress !== null && !offered.some((method) => method.id === record.shippingMethodId)) {
    problems.push({
      code: 'SHIPPING_METHOD_UNAVAILABLE',
      field: 'shippingMethodId',
      message: 'The chosen shipping method does not ship to this address',
    });
  }
  return problems;
}

/** What an invoice that is no longer good is refused with: nobody is to pay other prices than those of the mail. */
function draftProblems({ draft }: CartRecord, agreed: DraftTerms | null): CartProblem[] {
  if (draft === null || agreed !== null) return [];
  return draft.status === 'canceled'
    ? [{ code: 'INVOICE_CANCELED', field: 'token', message: 'The store has canceled the invoice' }]
    : [{ code: 'INVOICE_EXPIRED', field: 'token', message: 'The prices of the invoice no longer hold: ask the store for a new one' }];
}

/** Prices and checks a cart as it stands at `now`. Pure: the same record gives the same cart. */
export function describeCart(record: CartRecord, now: Date): Cart {
  const { draft } = record;
  const agreed = draft && (record.status === 'completed' || holdsTerms(draft, now)) ? draft : null;
  // What was agreed upon was quoted, whether an operator has set the price or the catalog.
  const lines = agreed === null ? record.lines : record.lines.map((line) => ({ ...line, unitAmount: line.quotedAmount }));
  const priced: PricedLine[] = lines.filter(isPriced).map((line) => ({
    lineId: line.id,
    unitAmount: line.unitAmount,
    quantity: line.quantity,
    taxCategory: line.taxCategory,
  }));
  const subtotal = sum(priced.map((line) => line.unitAmount * line.quantity));
  const promotionIssue = record.promotion ? promotionProblem(record.promotion, { now, currency: record.currency, subtotal }) : undefined;
  const promotion = promotionIssue === undefined ? record.promotion : null;
  const shippingMethods = record.shippingMethods
    .filter((method) => shipsTo(method, record.shippingAddress?.countryCode))
    .map((method) => quote(method, subtotal, agreed));
  const shippingMethod = shippingMethods.find((method) => method.id === record.shippingMethodId) ?? null;

  const problems: CartProblem[] = [
    ...(record.lines.length === 0 ? [{ code: 'EMPTY' as const, field: 'lines', message: 'The cart is empty' }] : []),
    ...draftProblems(record, agreed),
    ...lineProblems({ lines, currency: record.currency }),
    ...shortLines(record).map(({ line, available }) => ({
      code: 'INSUFFICIENT_STOCK' as const,
      field: `lines.${line.id}`,
      message: `Only ${available} of ${line.productTitle} (${line.sku}) are left`,
    })),
    ...addressProblems(record, shippingMethods),
    ...(promotionIssue === undefined
      ? []
      : [{ code: 'PROMOTION_NOT_APPLICABLE' as const, field: 'promotionCode', message: PROMOTION_MESSAGES[promotionIssue] }]),
  ];

  const totals = computeTotals({
    currency: record.currency,
    pricesIncludeTax: record.channel.pricesIncludeTax,
    lines: priced,
    shipping: shippingMethod ? { amount: shippingMethod.amount, taxCategory: shippingMethod.taxCategory } : null,
    promotion,
    ...(agreed?.discount && { operatorDiscount: agreed.discount.amount }),
    taxRates: record.taxRates,
  });
  const storedValue = planStoredValue(record.storedValue, { amount: totals.total, currency: record.currency }, now);

  return {
    id: record.id,
    channelId: record.channel.id,
    version: record.version,
    currency: record.currency,
    email: record.email,
    locale: record.locale,
    shippingAddress: record.shippingAddress,
    billingAddress: record.billingAddress,
    lines: lines.map((line): CartLine => ({
      id: line.id,
      variantId: line.variantId,
      productHandle: line.productHandle,
      productTitle: line.productTitle,
      variantTitle: line.variantTitle,
      sku: line.sku,
      imageUrl: line.imageUrl,
      quantity: line.quantity,
      taxCategory: line.taxCategory,
      unitAmount: line.unitAmount,
      quotedAmount: line.quotedAmount,
      fixedAmount: line.fixedAmount,
      available: availableUnits(line, record),
    })),
    shippingMethods,
    shippingMethod,
    promotionCode: record.promotion?.code ?? null,
    totals,
    storedValue,
    amountDue: totals.total - sum(storedValue.map(({ amount }) => amount)),
    problems,
    completed: record.status === 'completed',
    orderId: record.orderId,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  };
}
