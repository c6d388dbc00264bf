import { validateAddress } from '../../domain/checkout/address.ts';
import type { Cart } from '../../domain/checkout/cart.ts';
import { MAX_LINES, MAX_QUANTITY, validateQuantity } from '../../domain/checkout/cart-rules.ts';
import type { CartLineInput, CartRef, CartService } from '../../domain/checkout/cart-service.ts';
import type { Buyer, CartFields } from '../../domain/checkout/cart-store.ts';
import { describeCart } from '../../domain/checkout/describe-cart.ts';
import { normalizeLocale } from '../../domain/shared/locale.ts';
import { normalizeEmail } from '../../domain/shared/email.ts';
import { DomainError, invalid, notFound, VersionMismatchError } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { availableOn } from '../../domain/payments/stored-value.ts';
import { isGiftCardCode } from '../../domain/payments/gift-card-code.ts';
import { giftCardHash } from '../payments/gift-card-hash.ts';
import type { Stores, Work } from '../stores.ts';
import { hashCartToken, newCartToken, type KeyedHash } from './cart-tokens.ts';

/** Wrong gift card codes that one network may give in ten minutes. */
const MAX_GUESSES = 10;

/** Fields that a change of the cart names its problems by. */
type Changed = Buyer & { readonly cartId: string; readonly draft: boolean };

const buyer = ({ channelId, currency }: Omit<Buyer, 'customerIds'>, customerId: string | undefined): Buyer => ({
  ...{ channelId, currency },
  customerIds: customerId === undefined ? [] : [customerId],
});

/** The use cases of a storefront on a cart. */
export function createCartService(deps: { work: Work; newId: IdGenerator; now: () => Date; keyedHash: KeyedHash }): CartService {
  const { work, newId, now, keyedHash } = deps;

  async function read(stores: Stores, cartId: string, customerId: string | undefined): Promise<Cart> {
    const record = await stores.carts.load({ id: cartId }, customerId ?? null);
    if (!record) throw notFound('The cart', 'token');
    return describeCart(record, now());
  }

  async function addLines(stores: Stores, cart: Changed, lines: readonly CartLineInput[]): Promise<void> {
    const wanted = new Map<string, { quantity: number; field: string }>();
    lines.forEach((line, index) => {
      const quantity = validateQuantity(line.quantity, `lines.${index}.quantity`);
      const earlier = wanted.get(line.variantId);
      wanted.set(line.variantId, { quantity: quantity + (earlier?.quantity ?? 0), field: earlier?.field ?? `lines.${index}` });
    });
    const sellable = new Map((await stores.carts.sellableVariants([...wanted.keys()], cart)).map((variant) => [variant.id, variant.unitAmount]));
    for (const [variantId, { quantity, field }] of wanted) {
      const unitAmount = sellable.get(variantId);
      if (unitAmount === undefined) throw notFound('The variant', `${field}.variantId`);
      if (unitAmount === null) throw invalid(`${field}.variantId`, `The variant is not sold in ${cart.currency}`);
      const added = await stores.carts.addLine({ id: newId('cartLine'), cartId: cart.cartId, variantId, quantity, quotedAmount: unitAmount });
      if (!added) throw invalid(`${field}.quantity`, `At most ${MAX_QUANTITY} of a variant fit in a cart`);
    }
    if ((await stores.carts.countLines(cart.cartId)) > MAX_LINES) throw invalid('lines', `At most ${MAX_LINES} lines fit in a cart`);
  }

  /** One transaction: the cart locked and checked, changed, its version raised, and read back. */
  async function change(ref: CartRef, apply: (stores: Stores, cart: Changed) => Promise<CartFields>): Promise<Cart> {
    return work.transaction(async (stores) => {
      const cart = await stores.carts.lock({ tokenHash: hashCartToken(ref.token) });
      if (!cart) throw notFound('The cart', 'token');
      if (cart.status === 'completed') throw new DomainError('CONFLICT', 'The cart has become an order', 'token');
      if (cart.draftStatus === 'canceled') throw new DomainError('INVALID_TRANSITION', 'The store has canceled the invoice', 'token');
      // Asked with the cart locked: a question in the same statement would be answered as of before the wait.
      if (await stores.carts.isBusy(cart.id)) throw new DomainError('CONFLICT', 'The cart is in a running checkout: cancel it or wait for its end', 'token');
      if (ref.version !== undefined && ref.version !== cart.version) throw new VersionMismatchError(cart.version);
      const fields = await apply(stores, { cartId: cart.id, ...buyer(cart, ref.customerId), draft: cart.draftStatus !== null });
      await stores.carts.update(cart.id, fields);
      return read(stores, cart.id, ref.customerId);
    });
  }

  /** A change of what is bought, or of its price: in a draft that is for the operator. */
  const changeContents: typeof change = (ref, apply) =>
    change(ref, async (stores, cart) => {
      if (cart.draft) throw new DomainError('INVALID_TRANSITION', 'The store has put this cart together: ask it for changes', 'token');
      return apply(stores, cart);
    });

  return {
    async create(channel, input) {
      const currency = input.currency ?? channel.defaultCurrency;
      if (!channel.currencies.includes(currency)) throw invalid('currency', `The channel sells in ${channel.currencies.join(', ')}`);
      const email = input.email === undefined ? null : normalizeEmail(input.email, 'email');
      const locale = input.locale === undefined ? null : normalizeLocale(input.locale, 'locale');
      const token = newCartToken();
      const id = newId('cart');
      const cart = await work.transaction(async (stores) => {
        await stores.carts.insert({ id, tokenHash: hashCartToken(token), channelId: channel.id, currency, email, locale });
        if (input.lines?.length) await addLines(stores, { cartId: id, ...buyer({ channelId: channel.id, currency }, input.customerId), draft: false }, input.lines);
        return read(stores, id, input.customerId);
      });
      return { cart, token };
    },

    async find({ token, customerId }) {
      const record = await work.stores.carts.load({ tokenHash: hashCartToken(token) }, customerId ?? null);
      return record && describeCart(record, now());
    },

    addLines: (ref, lines) =>
      changeContents(ref, async (stores, cart) => {
        if (lines.length === 0) throw invalid('lines', 'Give at least one line');
        await addLines(stores, cart, lines);
        return {};
      }),

    updateLines: (ref, lines) =>
      changeContents(ref, async (stores, cart) => {
        for (const [index, line] of lines.entries()) {
          const quantity = line.quantity === 0 ? 0 : validateQuantity(line.quantity, `lines.${index}.quantity`);
          if (!(await stores.carts.setLineQuantity(cart.cartId, line.lineId, quantity))) throw notFound('The line', `lines.${index}.lineId`);
        }
        return {};
      }),

    update: (ref, changes) =>
      change(ref, async (stores, cart) => {
        const fields: CartFields = {
          ...(changes.email === undefined ? {} : { email: normalizeEmail(changes.email, 'email') }),
          ...(changes.locale === undefined ? {} : { locale: normalizeLocale(changes.locale, 'locale') }),
          ...(changes.shippingAddress === undefined ? {} : { shippingAddress: validateAddress(changes.shippingAddress, 'shippingAddress') }),
          ...(changes.billingAddress === undefined ? {} : { billingAddress: validateAddress(changes.billingAddress, 'billingAddress') }),
        };
        if (changes.shippingMethodId === undefined) return fields;
        const record = await stores.carts.load({ id: cart.cartId }, null);
        if (!record?.shippingMethods.some((method) => method.id === changes.shippingMethodId)) throw notFound('The shipping method', 'shippingMethodId');
        return { ...fields, shippingMethodId: changes.shippingMethodId };
      }),

    applyPromotion: (ref, code) =>
      changeContents(ref, async (stores) => {
        const promotion = await stores.carts.findPromotion(code.trim().toUpperCase());
        if (!promotion) throw notFound('The code', 'code');
        return { promotionId: promotion.id };
      }),

    acceptPrices: (cartId) => work.stores.carts.requote(cartId),

    removePromotion: (ref) => changeContents(ref, async () => ({ promotionId: null })),

    async applyGiftCard(ref, code, networkKey) {
      const { storedValue } = work.stores;
      // Outside of the cart's transaction, since a refused code must still be counted, and before the code is looked up, so that
      // many at once don't pass before the first of them is counted.
      if ((await storedValue.guesses(networkKey)) >= MAX_GUESSES || (await storedValue.noteGuess(networkKey)) > MAX_GUESSES) {
        throw new DomainError('RATE_LIMITED', 'Too many wrong codes: try again in ten minutes', 'code');
      }
      const card = isGiftCardCode(code) ? await storedValue.findByCode(giftCardHash(keyedHash, code)) : undefined;
      if (!card) throw notFound('The gift card', 'code');
      await storedValue.forgetGuess(networkKey);
      return change(ref, async (stores, { cartId, currency }) => {
        if (card.currency !== currency) throw invalid('code', `The gift card is in ${card.currency}`);
        if (availableOn(card, now()) === 0) throw invalid('code', 'The gift card has nothing left, or is over');
        await stores.storedValue.apply(cartId, card.id);
        return {};
      });
    },

    applyStoreCredit: (ref, customer) =>
      change(ref, async (stores, { cartId, currency }) => {
        const credit = await stores.storedValue.findOfOwner(keyedHash('email', customer.email.toLowerCase()), currency);
        if (!credit || availableOn(credit, now()) === 0) throw notFound(`Store credit in ${currency}`, 'token');
        await stores.storedValue.apply(cartId, credit.id);
        return {};
      }),

    removeStoredValue: (ref, accountId) =>
      change(ref, async (stores, { cartId }) => {
        if (!(await stores.storedValue.unapply(cartId, accountId))) throw notFound('The gift card or store credit', 'accountId');
        return {};
      }),
  };
}
