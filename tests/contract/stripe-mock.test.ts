import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import Stripe from 'stripe';
import { createStripeGateway } from '../../adapters/stripe/stripe-gateway.ts';
import type { AuthorizeRequest, PaymentGateway } from '../../domain/payments/gateway.ts';
import { stripeEmulatorControl } from '../../emulators/stripe/control.ts';
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
    const { key, amount, currency } = REQUEST;
    for (const final of [true, false])
      assert.equal((await gateway.capture({ key, gatewayRef, amount, currency, final })).gatewayRef, gatewayRef);
    assert.equal((await gateway.complete({ key, gatewayRef, captureMethod: 'manual' })).gatewayRef, gatewayRef);
    assert.equal((await gateway.void({ key: 'v', gatewayRef })).gatewayRef, gatewayRef);
    assert.equal((await gateway.retrieve(gatewayRef)).gatewayRef, gatewayRef);
    const refund = { key: 'r', gatewayRef, captureRef: 'ch_1', amount: 1, currency, reason: 'returned' };
    assert.match((await gateway.refund(refund)).gatewayRef, /^re_/);
    assert.equal(await gateway.findByReference('pay_1', new Date()), undefined);
    assert.equal(await gateway.findRefund(gatewayRef, 'r'), undefined);
  });

  it('accepts each request about saved payment methods', async () => {
    assert.ok(gateway.vault);
    const { vault } = gateway;
    const { customerRef } = await vault.createCustomer({ key: 'k1', customerId: 'cust_1' });
    assert.match(customerRef, /^cus_/);
    const saving = await gateway.authorize({ ...REQUEST, customerRef, saveMethod: true });
    assert.match(saving.gatewayRef, /^pi_/);
    assert.match((await gateway.authorize({ ...REQUEST, customerRef, offSession: true })).gatewayRef, /^pi_/);
    const asked = { key: 'k2', customerRef, paymentMethod: 'pm_card_visa' };
    await vault.setup(asked);
    await vault.setup({ ...asked, returnUrl: 'https://shop.example/cards' });
    await vault.retrieveSetup('seti_1');
    await vault.remove({ token: 'pm_1', customerRef });
  });

  it('accepts each request about disputes', async () => {
    assert.ok(gateway.disputes);
    const { disputes } = gateway;
    const { ref } = await disputes.retrieve('du_1');
    const explanation = 'It was delivered';
    const evidence = {
      explanation,
      productDescription: 'A lamp',
      trackingNumber: 'T1',
      carrier: 'Post',
      shippedOn: '2026-01-02',
    };
    assert.equal((await disputes.respond({ key: 'd1', ref, evidence: { ...evidence, refundRef: 're_1' } })).ref, ref);
    assert.equal((await disputes.accept({ key: 'd2', ref })).ref, ref);
  });

  it('accepts each request that reads the ledger', async () => {
    const span = { since: new Date(0), until: new Date() };
    for (const cursor of ['authorizations', 'authorizations:pi_1', 'balance', 'balance:txn_1'])
      assert.ok((await gateway.movements({ ...span, cursor })).movements.length <= 100);
  });

  it('accepts the requests that no gateway’s state leads to here', async () => {
    // The mock keeps no state, so the gateway never sees multicapture, a partial capture or a method of a customer there.
    const { id } = await described.paymentIntents.retrieve('pi_1');
    await described.paymentIntents.capture(id, { amount_to_capture: 1, final_capture: false, expand: ['latest_charge'] });
    await described.paymentIntents.capture(id, { amount_to_capture: 0, final_capture: true, expand: ['latest_charge'] });
    await described.refunds.list({ charge: 'ch_1', limit: 100 });
    await described.paymentIntents.retrieve(id, { expand: ['payment_method'] });
    await described.balanceTransactions.list({
      created: { gte: 1, lt: 2 },
      limit: 100,
      starting_after: 'txn_1',
      expand: ['data.source'],
    });
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

  it('names every field of the emulator’s customers, setups and saved methods', async () => {
    const customer = await emulated.customers.create({ metadata: { customer_id: 'cust_1' } });
    assert.deepEqual(differences(customer, await described.customers.retrieve(customer.id)), []);
    const setup = await emulated.setupIntents.create({
      customer: customer.id,
      payment_method: 'pm_card_visa',
      confirm: true,
      usage: 'off_session',
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });
    assert.deepEqual(differences(setup, await described.setupIntents.retrieve(setup.id)), []);
    const [method] = (await emulated.paymentMethods.list({ customer: customer.id })).data;
    assert.ok(method);
    assert.deepEqual(differences(method, await described.paymentMethods.retrieve(method.id)), []);
  });

  it('names every field of the emulator’s authorizations, disputes and balance transactions', async () => {
    const { id } = await emulated.paymentIntents.create({
      amount: 12_345,
      currency: 'eur',
      payment_method: 'pm_card_visa',
      capture_method: 'manual',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      payment_method_options: { card: { request_multicapture: 'if_available' } },
    });
    const authorized = await emulated.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
    assert.ok(typeof authorized.latest_charge === 'object');
    const card = authorized.latest_charge?.payment_method_details?.card;
    assert.equal(card?.multicapture?.status, 'available');
    assert.equal(typeof card.capture_before, 'number');
    await emulated.paymentIntents.capture(id);
    const dispute = await emulated.disputes.retrieve(await stripeEmulatorControl(emulator.url).openDispute(id));
    const describedDispute = await described.disputes.retrieve(dispute.id);
    assert.deepEqual(differences(dispute, describedDispute), []);
    assert.deepEqual(differences(dispute.evidence, describedDispute.evidence), []);
    assert.deepEqual(differences(dispute.evidence_details, describedDispute.evidence_details), []);
    const [transaction] = (await emulated.balanceTransactions.list()).data;
    assert.ok(transaction);
    assert.equal(transaction.type, 'adjustment');
    assert.deepEqual(differences(transaction, await described.balanceTransactions.retrieve(transaction.id)), []);
  });
});
