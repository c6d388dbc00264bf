import { GatewayError, type PaymentGateway } from '../../domain/payments/gateway.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import type { Work } from '../../services/stores.ts';

/** How money can come in outside. */
const MANUAL_METHODS: ReadonlySet<string> = new Set(['bank_transfer', 'cash_on_delivery']);
const PAGE = 500;

/**
 * A gateway whose other side is the store itself: `gift_card` and `store_credit` draw on an account (the payment method is its
 * id); `manual` waits until an operator says that the money has come in. Nothing leaves the database, so that no answer can be
 * lost on the way.
 */
export function createHouseGateway(work: Work, name: 'manual' | 'gift_card' | 'store_credit'): PaymentGateway {
  return {
    name,
    multipleCaptures: true,

    authorize: ({ key, paymentMethod, amount, currency, captureMethod, reference }) => {
      const accountId = name === 'manual' ? null : paymentMethod;
      if (accountId === null && !MANUAL_METHODS.has(paymentMethod)) {
        throw new GatewayError('rejected', `The payment method must be ${[...MANUAL_METHODS].join(' or ')}`);
      }
      return work.transaction(({ housePayments }) =>
        housePayments.authorize({ key, gateway: name, method: paymentMethod, accountId, amount, currency, captureMethod, reference }),
      );
    },

    // Nobody has to approve anything.
    complete: ({ gatewayRef }) => retrieve(work, gatewayRef),
    capture: (request) => work.transaction(({ housePayments }) => housePayments.capture(request)),
    void: (request) => work.transaction(({ housePayments }) => housePayments.void(request)),
    refund: (request) => work.transaction(({ housePayments }) => housePayments.refund(request)),
    retrieve: (gatewayRef) => retrieve(work, gatewayRef),
    findByReference: (paymentId) => work.stores.housePayments.get(paymentId),
    findRefund: (_gatewayRef, key) => work.stores.housePayments.findRefund(key),

    async movements({ since, until, cursor = '0' }) {
      if (!/^\d{1,15}$/.test(cursor)) throw new GatewayError('rejected', 'Not a cursor of this ledger');
      const found = await work.stores.housePayments.movements(name, { since, until, after: Number(cursor), limit: PAGE });
      const last = found.at(-1);
      return {
        movements: found.map(({ position: _, ...movement }) => movement),
        ...(found.length === PAGE && last ? { next: String(last.position) } : {}),
      };
    },

    parseWebhook: async () => {
      throw new DomainError('UNAUTHENTICATED', `${name} sends no webhooks`);
    },
  };
}

async function retrieve(work: Work, gatewayRef: string) {
  const payment = await work.stores.housePayments.get(gatewayRef);
  if (!payment) throw new GatewayError('rejected', 'There is no such payment');
  return payment;
}
