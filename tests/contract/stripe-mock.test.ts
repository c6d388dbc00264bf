import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import Stripe from 'stripe';
import { createStripeGateway } from '../../adapters/stripe/stripe-gateway.ts';
import type { AuthorizeRequest, PaymentGateway } from '../../domain/payments/gateway.ts';
import { API_VERSION } from '../../emulators/stripe/objects.ts';
import { startStripeEmulator, type StripeEmulator } from '../../emulators/stripe/server.ts';
import { startStripeMock, stripeMockBinary, type StripeMock } from './stripe-mock-server.ts';

const binary = await stripeMockBinary();
const skip = binary === undefined ? 'Go is not on PATH, so stripe-mock cannot be built' : false;

const TIMEOUT_MS = 10_000;
const API_KEY = 'sk_test_contract';

const REQUEST: AuthorizeRequest = {
  key: 'ord_1/authorize/1',
  amount: 12_345,
  currency: 'EUR',
  paymentMethod: 'pm_card_visa',
  captureMethod: 'manual',
  reference: { cartId: 'cart_1', checkoutId: 'chk_1', orderId: 'ord_1', paymentId: 'pay_1' },
};

/** `null` fits every type: the description allows it for most fields, and a fixture shows one case only. */
function jsonType(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The fields of `ours` that the description lacks or gives another type. */
function differences(ours: object, theirs: object): string[] {
  return Object.entries(ours).flatMap(([name, value]) => {
    if (!(name in theirs)) return [`${name} is not in the description`];
    const types = [jsonType(value), jsonType(Reflect.get(theirs, name))];
    return types[0] === types[1] || types.includes('null')
      ? []
      : [`${name} is ${types[0]} here and ${types[1]} in the description`];
  });
}

const sdk = (url: string): Stripe => {
  const { hostname, port } = new URL(url);
  return new Stripe(API_KEY, {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    timeout: TIMEOUT_MS,
  });
};

describe('Stripe’s published API description', { skip }, () => {
  let mock: StripeMock;
  let emulator: StripeEmulator;
  let gateway: PaymentGateway;
  let described: Stripe;
  let emulated: Stripe;

  before(async () => {
    mock = await startStripeMock(binary ?? '');
    emulator = await startStripeEmulator();
    gateway = createStripeGateway({ apiKey: API_KEY, webhookSecret: 'whsec_contract', baseUrl: mock.url, timeoutMs: TIMEOUT_MS });
    described = sdk(mock.url);
    emulated = sdk(emulator.url);
  });
  after(async () => {
    await emulator.close();
    await mock.close();
  });

  it('refuses a request that does not fit it', async () => {
    const params = { amount: 'many', currency: 'eur' } as unknown as Stripe.PaymentIntentCreateParams;
    await assert.rejects(described.paymentIntents.create(params), Stripe.errors.StripeInvalidRequestError);
  });

  it('accepts each request that the gateway sends', async () => {
    const payment = await gateway.authorize(REQUEST);
    assert.match(payment.gatewayRef, /^pi_/);
    const { gatewayRef } = payment;
    await gateway.authorize({ ...REQUEST, captureMethod: 'automatic', returnUrl: 'https://shop.example/back' });
    assert.equal((await gateway.capture({ key: 'c', gatewayRef, amount: 12_345 })).gatewayRef, gatewayRef);
    assert.equal((await gateway.void({ key: 'v', gatewayRef })).gatewayRef, gatewayRef);
    assert.equal((await gateway.retrieve(gatewayRef)).gatewayRef, gatewayRef);
    assert.match((await gateway.refund({ key: 'r', gatewayRef, amount: 1, reason: 'returned' })).gatewayRef, /^re_/);
    assert.equal(await gateway.findByReference('pay_1', new Date()), undefined);
    assert.equal(await gateway.findRefund(gatewayRef, 'r'), undefined);
  });

  it('is the version whose shapes the emulator speaks', () => {
    assert.equal(API_VERSION, Stripe.API_VERSION);
  });

  it('names every field of the emulator’s objects, with its type', async () => {
    const { id } = await emulated.paymentIntents.create({
      amount: 12_345,
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      metadata: { order_id: 'ord_1' },
    });
    const refund = await emulated.refunds.create({ payment_intent: id, amount: 45, metadata: { key: 'r' } });
    const intent = await emulated.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
    const describedIntent = await described.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
    const describedRefund = await described.refunds.retrieve(refund.id);
    assert.ok(typeof intent.latest_charge === 'object' && intent.latest_charge);
    assert.ok(typeof describedIntent.latest_charge === 'object' && describedIntent.latest_charge);
    assert.deepEqual(differences(intent, describedIntent), []);
    assert.deepEqual(differences(intent.latest_charge, describedIntent.latest_charge), []);
    assert.deepEqual(differences(refund, describedRefund), []);

    const card = intent.latest_charge.payment_method_details?.card;
    const describedCard = describedIntent.latest_charge.payment_method_details?.card;
    assert.ok(card && describedCard);
    const read = ({ brand, country, fingerprint, last4 }: typeof card): object => ({ brand, country, fingerprint, last4 });
    assert.deepEqual(differences(read(card), describedCard), []);
  });

  it('names every field of the emulator’s payment methods', async () => {
    const method = await emulated.paymentMethods.retrieve('pm_card_visa');
    assert.deepEqual(differences(method, await described.paymentMethods.retrieve('pm_card_visa')), []);
  });
});
