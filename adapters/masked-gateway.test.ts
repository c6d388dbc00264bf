import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError, type GatewayPayment, type PaymentGateway } from '../domain/payments/gateway.ts';
import { cardNumberAt } from '../domain/shared/card-data.ts';
import { maskedGateway } from './masked-gateway.ts';

const NUMBER = '4242 4242 4242 4242';
const capturableUntil = new Date();

const payment: GatewayPayment = {
  gatewayRef: '4242424242424242',
  state: 'failed',
  amount: 1999,
  currency: 'USD',
  capturable: 0,
  captured: 0,
  refunded: 0,
  captures: [{ ref: '4242424242424242', amount: 1, refunded: 0 }],
  capturableUntil,
  decline: { code: 'incorrect_number', message: `Your card ${NUMBER} was declined.`, retryable: true },
  reference: { cartId: NUMBER, checkoutId: 'chk_1', orderId: 'ord_1', paymentId: 'pay_1' },
};

class Talkative {
  readonly name = 'talkative';
  readonly #payment = payment;
  readonly disputes = {
    retrieve: async () => {
      throw new GatewayError('rejected', `no dispute of ${NUMBER}`, {
        cause: new Error(`asked for ${NUMBER}`, { cause: 'unknown' }),
      });
    },
  };
  async retrieve(): Promise<GatewayPayment> {
    return this.#payment;
  }
}

test('what a gateway says is masked; its ids, dates and amounts stay', async () => {
  const gateway = maskedGateway(new Talkative() as unknown as PaymentGateway);
  assert.equal(gateway.name, 'talkative');
  assert.equal(gateway.vault, undefined);
  const told = await gateway.retrieve('pi_1');
  assert.deepEqual(told, {
    ...payment,
    decline: { ...payment.decline, message: 'Your card 4242 42** **** 4242 was declined.' },
    reference: { ...payment.reference, cartId: '4242 42** **** 4242' },
  });
});

test('so are errors, their causes and stack traces, and they stay the same errors', async () => {
  const gateway = maskedGateway(new Talkative() as unknown as PaymentGateway);
  await assert.rejects(
    async () => gateway.disputes?.retrieve('dp_1'),
    (error) => {
      assert.ok(error instanceof GatewayError && error.kind === 'rejected' && error.cause instanceof Error);
      const texts = [error.message, error.stack, error.cause.message, error.cause.stack];
      assert.equal(cardNumberAt(texts), undefined);
      assert.match(error.message, /^no dispute of 4242 42\*\*/);
      return true;
    },
  );
});
