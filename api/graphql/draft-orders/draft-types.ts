import type { Cart, CartLine, ShippingMethodQuote } from '../../../domain/checkout/cart.ts';
import type { DraftCart, DraftLine, DraftShippingMethod } from '../generated/admin.ts';
import { toAddress, toTotals } from '../orders/order-types.ts';

const toMethod = ({ id, code, name, amount }: ShippingMethodQuote, currency: string): DraftShippingMethod => ({
  id,
  code,
  name,
  price: { amount, currency },
});

function toLine(line: CartLine, { currency, totals }: Cart): DraftLine {
  const { id, variantId, sku, productTitle, variantTitle, quantity, available } = line;
  const total = totals.lines.find(({ lineId }) => lineId === id)?.total;
  return {
    ...{ id, variantId, sku, productTitle, variantTitle, quantity, available },
    unitPrice: line.unitAmount === null ? null : { amount: line.unitAmount, currency },
    fixedPrice: line.fixedAmount !== null,
    total: total === undefined ? null : { amount: total, currency },
  };
}

/** What is in a draft, as operators see it. */
export const toDraftCart = (cart: Cart): DraftCart => ({
  version: cart.version,
  currency: cart.currency,
  email: cart.email,
  shippingAddress: cart.shippingAddress && toAddress(cart.shippingAddress),
  billingAddress: cart.billingAddress && toAddress(cart.billingAddress),
  lines: cart.lines.map((line) => toLine(line, cart)),
  shippingMethods: cart.shippingMethods.map((method) => toMethod(method, cart.currency)),
  shippingMethod: cart.shippingMethod && toMethod(cart.shippingMethod, cart.currency),
  promotionCode: cart.promotionCode,
  totals: toTotals(cart.totals),
  amountDue: { amount: cart.amountDue, currency: cart.currency },
  problems: cart.problems.map(({ code, field, message }) => ({ code, field, message })),
});
