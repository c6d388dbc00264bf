import { GatewayError, type AuthorizeRequest, type GatewayPayment, type PaymentGateway } from '../../domain/payments/gateway.ts';
import { toPaypalMoney } from './amounts.ts';
import { toDecline } from './declines.ts';
import { createDisputeDesk } from './dispute-desk.ts';
import { exchange, hasLapsed, hasMovedOn, toGatewayError } from './gateway-errors.ts';
import { LEDGER_PAGE, readMovements } from './movements.ts';
import { ASKS_CUSTOMER, savedWallet, toOrderRequest } from './order-requests.ts';
import { ended, openAuthorizations, refundsOf, toPayment, toRefund, type PaypalOrder } from './payment-mapping.ts';
import { toRequestId } from './payment-reference.ts';
import { createPaypalClient } from './paypal-client.ts';
import { createPaypalTransport, type PaypalTransportOptions } from './paypal-transport.ts';
import { createVault } from './vault.ts';
import { readWebhook } from './webhook-events.ts';

export interface PaypalGatewayOptions extends PaypalTransportOptions {
  /** PayPal's id of our webhook; its signatures are made for it. */
  readonly webhookId: string;
  /** Lines of the ledger on one page, at most 500. */
  readonly ledgerPage?: number;
}

/** PayPal's clock and ours may differ by this much. */
const CLOCK_SKEW_MS = 60_000;
/** The most pages of the ledger that a read-back looks through. */
const MAX_PAGES = 100;

/** Answers with the whole object instead of its id. */
const FULL = 'return=representation';

/** Payments through PayPal's API with its official SDK, or through the sandbox or the emulator when `baseUrl` says so. */
export function createPaypalGateway(options: PaypalGatewayOptions): PaymentGateway {
  const client = createPaypalClient(createPaypalTransport(options));
  const { orders, payments } = client;
  const ledgerPage = options.ledgerPage ?? LEDGER_PAGE;

  const readOrder = async (id: string): Promise<PaypalOrder> => (await exchange(() => orders.getOrder({ id }))).result;
  const readBack = async (gatewayRef: string): Promise<GatewayPayment> => toPayment(await readOrder(gatewayRef));

  /** A change of an order. When it has moved on already its present state is the answer; a refusal of the issuer comes with it. */
  async function change(gatewayRef: string, call: () => Promise<GatewayPayment>): Promise<GatewayPayment> {
    try {
      return await call();
    } catch (error) {
      const decline = toDecline(error);
      if (decline) return { ...(await readBack(gatewayRef)), decline };
      if (hasMovedOn(error)) return readBack(gatewayRef);
      if (hasLapsed(error)) return ended(await readBack(gatewayRef));
      throw toGatewayError(error);
    }
  }

  /** Authorizes or captures an order: with what the customer has approved, or with a saved method. A decline ends it. */
  async function settle(
    { key, gatewayRef, captureMethod }: { key: string; gatewayRef: string; captureMethod: 'automatic' | 'manual' },
    saved?: AuthorizeRequest,
  ): Promise<GatewayPayment> {
    const request = {
      id: gatewayRef,
      paypalRequestId: toRequestId(key),
      prefer: FULL,
      ...(saved ? { body: { paymentSource: { paypal: savedWallet(saved) } } } : {}),
    };
    const payment = await change(gatewayRef, async () => {
      if (captureMethod === 'automatic') return toPayment((await orders.captureOrder(request)).result);
      return toPayment((await orders.authorizeOrder(request)).result);
    });
    const { action: _action, ...rest } = payment;
    return payment.decline && payment.captured === 0 && payment.capturable === 0 ? { ...rest, state: 'failed' } : payment;
  }

  /** Our payment's place in the ledger, which names captures and authorizations but not their order. */
  async function orderOf({
    id,
    kind,
    gatewayRef,
  }: {
    id: string;
    kind: string;
    gatewayRef?: string;
  }): Promise<string | undefined> {
    if (gatewayRef !== undefined) return gatewayRef;
    const { result } = await (kind === 'capture'
      ? payments.getCapturedPayment({ captureId: id })
      : payments.getAuthorizedPayment({ authorizationId: id }));
    return result.supplementaryData?.relatedIds?.orderId;
  }

  return {
    name: 'paypal',
    multipleCaptures: true,

    async authorize(request) {
      const { result } = await exchange(() =>
        orders.createOrder({ body: toOrderRequest(request), paypalRequestId: toRequestId(request.key), prefer: FULL }),
      );
      if (request.paymentMethod === ASKS_CUSTOMER) return toPayment(result);
      // Two steps where PayPal also has one: the order that a declined payment leaves behind is what it can be read back by.
      const { gatewayRef } = toPayment(result);
      return settle({ key: `${request.key}/pay`, gatewayRef, captureMethod: request.captureMethod }, request);
    },

    complete: (request) => settle(request),

    async capture({ key, gatewayRef, amount, currency, final }) {
      const order = await readOrder(gatewayRef);
      const authorizationId = openAuthorizations(order)[0]?.id;
      if (authorizationId === undefined) return toPayment(order);
      return change(gatewayRef, async () => {
        const body = { amount: toPaypalMoney(amount, currency), finalCapture: final };
        await payments.captureAuthorizedPayment({ authorizationId, paypalRequestId: toRequestId(key), prefer: FULL, body });
        return readBack(gatewayRef);
      });
    },

    async void({ key, gatewayRef }) {
      const order = await readOrder(gatewayRef);
      const payment = toPayment(order);
      const open = openAuthorizations(order);
      if (open.length === 0) {
        // PayPal has no way to withdraw an order, and none is needed: approving one moves no money, only `complete` does, and an
        // order that nobody completes lapses by itself.
        const unfinished = payment.state === 'requires_action' || payment.state === 'approved' || payment.state === 'failed';
        return unfinished ? ended(payment) : payment;
      }
      // A renewal cannot be voided; it goes with the authorization that it renews.
      const authorizationId = open.at(-1)?.id ?? '';
      return change(gatewayRef, async () => {
        await payments.voidPayment({ authorizationId, paypalRequestId: toRequestId(key), prefer: FULL });
        return readBack(gatewayRef);
      });
    },

    async refund({ key, captureRef, amount, currency }) {
      // PayPal would show a reason to the customer; ours is for the people of the store and stays with it.
      const { result } = await exchange(() =>
        payments.refundCapturedPayment({
          captureId: captureRef,
          paypalRequestId: toRequestId(key),
          prefer: FULL,
          body: { amount: toPaypalMoney(amount, currency), customId: toRequestId(key) },
        }),
      );
      return toRefund(result);
    },

    retrieve: readBack,

    /**
     * PayPal cannot list orders, and its ledger shows a payment only after up to three hours. Until then nothing is found, and
     * the same key asked again answers with the first order: PayPal keeps keys of orders for six hours. Of the two one always
     * knows the payment.
     */
    async findByReference(paymentId, since) {
      const span = { since: new Date(since.getTime() - CLOCK_SKEW_MS), until: new Date(Date.now() + CLOCK_SKEW_MS) };
      let cursor: string | undefined;
      for (let pages = 0; pages < MAX_PAGES; pages++) {
        const page = await readMovements(client, { ...span, ...(cursor === undefined ? {} : { cursor }) }, ledgerPage);
        const found = page.movements.find(
          ({ kind, reference }) => (kind === 'capture' || kind === 'authorization') && reference?.paymentId === paymentId,
        );
        const gatewayRef = found && (await exchange(() => orderOf(found)));
        if (gatewayRef !== undefined) return readBack(gatewayRef);
        if (page.next === undefined) return undefined;
        cursor = page.next;
      }
      throw new GatewayError('ambiguous', `PayPal’s ledger has more than ${MAX_PAGES} pages since then`);
    },

    async findRefund(gatewayRef, key) {
      const order = await readOrder(gatewayRef);
      const refund = refundsOf(order).find(({ customId }) => customId === toRequestId(key));
      return refund && toRefund(refund);
    },

    async reauthorize({ key, gatewayRef, amount, currency }) {
      // PayPal renews an authorization once, and a renewal never: with the first one, a repeated key finds its first answer.
      const authorizationId = openAuthorizations(await readOrder(gatewayRef)).at(-1)?.id;
      if (authorizationId === undefined)
        throw new GatewayError('rejected', `The order ${gatewayRef} has no open authorization to renew`);
      return change(gatewayRef, async () => {
        const body = { amount: toPaypalMoney(amount, currency) };
        await payments.reauthorizePayment({ authorizationId, paypalRequestId: toRequestId(key), prefer: FULL, body });
        return readBack(gatewayRef);
      });
    },

    movements: (request) => readMovements(client, request, ledgerPage),

    parseWebhook: (rawBody, headers) => readWebhook(client, rawBody, headers, options.webhookId),

    disputes: createDisputeDesk(client),
    vault: createVault(client),
  };
}
