import type { Cart, CartLine, CartProblem, ShippingMethodQuote } from '../../../domain/checkout/cart.ts';
import type {
  Cart as GraphqlCart,
  CartLine as GraphqlCartLine,
  CartProblem as GraphqlCartProblem,
  ShippingMethod as GraphqlShippingMethod,
} from '../generated/storefront.ts';
import { toEnum } from '../enum-names.ts';
import { toAddress, toTotals } from '../orders/order-types.ts';

const toShippingMethod = (method: ShippingMethodQuote, currency: string): GraphqlShippingMethod => ({
  id: method.id,
  code: method.code,
  name: method.name,
  description: method.description,
  price: { amount: method.amount, currency },
});

function toCartLine(line: CartLine, cart: Cart): GraphqlCartLine {
  const { currency } = cart;
  const total = cart.totals.lines.find(({ lineId }) => lineId === line.id)?.total;
  return {
    id: line.id,
    variantId: line.variantId,
    productHandle: line.productHandle,
    productTitle: line.productTitle,
    variantTitle: line.variantTitle,
    sku: line.sku,
    imageUrl: line.imageUrl,
    quantity: line.quantity,
    unitPrice: line.unitAmount === null ? null : { amount: line.unitAmount, currency },
    total: total === undefined ? null : { amount: total, currency },
  };
}

export const toProblem = ({ code, field, message }: CartProblem): GraphqlCartProblem => ({ code, field, message });

/** A cart as the storefront shows it. */
export const toCart = (cart: Cart): GraphqlCart => ({
  id: cart.id,
  version: cart.version,
  currency: cart.currency,
  email: cart.email,
  locale: cart.locale,
  shippingAddress: cart.shippingAddress && toAddress(cart.shippingAddress),
  billingAddress: cart.billingAddress && toAddress(cart.billingAddress),
  lines: cart.lines.map((line) => toCartLine(line, cart)),
  shippingMethods: cart.shippingMethods.map((method) => toShippingMethod(method, cart.currency)),
  shippingMethod: cart.shippingMethod && toShippingMethod(cart.shippingMethod, cart.currency),
  promotionCode: cart.promotionCode,
  totals: toTotals(cart.totals),
  storedValue: cart.storedValue.map(({ accountId, kind, codeLast4, amount }) => ({
    accountId,
    kind: toEnum(kind),
    last4: codeLast4,
    amount: { amount, currency: cart.currency },
  })),
  amountDue: { amount: cart.amountDue, currency: cart.currency },
  problems: cart.problems.map(toProblem),
  completed: cart.completed,
  createdAt: cart.createdAt,
  updatedAt: cart.updatedAt,
});
