import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import Stripe from 'stripe';
import { stripeEmulatorControl, type StripeEmulatorControl } from './control.ts';
import { startStripeEmulator, type StripeEmulator } from './server.ts';

let emulator: StripeEmulator;
let control: StripeEmulatorControl;
let stripe: Stripe;
let customer: string;

before(async () => {
  emulator = await startStripeEmulator();
  control = stripeEmulatorControl(emulator.url);
  const { host, port } = emulator;
  stripe = new Stripe('sk_test_vault', { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
});
after(() => emulator.close());
beforeEach(async () => {
  await control.reset();
  customer = (await stripe.customers.create({ metadata: { customer_id: 'cust_1' } })).id;
});

const WITHOUT_REDIRECTS = { automatic_payment_methods: { enabled: true, allow_redirects: 'never' } } as const;

const pay = (change: Partial<Stripe.PaymentIntentCreateParams>): Promise<Stripe.PaymentIntent> =>
  stripe.paymentIntents.create({ ...WITHOUT_REDIRECTS, amount: 1_000, currency: 'eur', confirm: true, customer, ...change });

const setUp = (paymentMethod: string): Promise<Stripe.SetupIntent> =>
  stripe.setupIntents.create({ ...WITHOUT_REDIRECTS, customer, payment_method: paymentMethod, confirm: true });

const kept = async (): Promise<string[]> =>
  (await stripe.paymentMethods.list({ customer, type: 'card' })).data.map(({ id }) => id);

const code =
  (wanted: string) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof Stripe.errors.StripeError, String(error));
    assert.equal(error.code, wanted);
    return true;
  };

const idOf = (value: string | { id: string } | null): string => (typeof value === 'string' ? value : (value?.id ?? ''));

describe('payment methods', () => {
  it('get an id of their own when they are attached, with the same fingerprint for the same card', async () => {
    const first = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const second = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    assert.match(first.id, /^pm_(?!card_)/);
    assert.notEqual(first.id, second.id);
    assert.equal(first.card?.fingerprint, second.card?.fingerprint);
    assert.equal(first.customer, customer);
    assert.deepEqual(await kept(), [second.id, first.id]);
    assert.deepEqual(
      (await stripe.customers.listPaymentMethods(customer)).data.map(({ id }) => id),
      [second.id, first.id],
    );
  });

  it('of a customer pay for nobody else, and not once they are detached', async () => {
    const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    assert.equal((await pay({ payment_method: id, off_session: true })).status, 'succeeded');
    const stranger = await stripe.customers.create();
    await assert.rejects(pay({ payment_method: id, customer: stranger.id }), code('resource_missing'));
    assert.equal((await stripe.paymentMethods.detach(id)).customer, null);
    await assert.rejects(stripe.paymentMethods.detach(id), code('payment_method_unexpected_state'));
    await assert.rejects(pay({ payment_method: id }), code('payment_method_unexpected_state'));
    await assert.rejects(stripe.paymentMethods.attach(id, { customer }), code('payment_method_unexpected_state'));
    assert.deepEqual(await kept(), []);
  });

  it('are declined when they are attached, or only when they are charged', async () => {
    await assert.rejects(stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer }), code('card_declined'));
    const later = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await assert.rejects(pay({ payment_method: later.id }), code('card_declined'));
  });

  it('need a customer that there is', async () => {
    await assert.rejects(stripe.paymentMethods.attach('pm_card_visa', { customer: 'cus_nobody' }), code('resource_missing'));
    await assert.rejects(pay({ payment_method: 'pm_card_visa', customer: 'cus_nobody' }), code('resource_missing'));
    await assert.rejects(stripe.customers.retrieve('cus_nobody'), code('resource_missing'));
  });
});

describe('setup_future_usage', () => {
  it('keeps the method once the payment has gone through', async () => {
    const paid = await pay({ payment_method: 'pm_card_visa', setup_future_usage: 'off_session' });
    assert.deepEqual(await kept(), [idOf(paid.payment_method)]);
    const declined = pay({ payment_method: 'pm_card_chargeDeclined', setup_future_usage: 'off_session' });
    await assert.rejects(declined, code('card_declined'));
    assert.equal((await kept()).length, 1);
  });

  it('waits for the customer to authenticate', async () => {
    const waiting = await pay({
      payment_method: 'pm_card_authenticationRequired',
      setup_future_usage: 'off_session',
      automatic_payment_methods: { enabled: true, allow_redirects: 'always' },
      return_url: 'http://shop.example/',
    });
    assert.deepEqual(await kept(), []);
    await control.finishChallenge(waiting.next_action?.redirect_to_url?.url ?? '', 'complete');
    assert.deepEqual(await kept(), [idOf(waiting.payment_method)]);
  });

  it('does not go with a customer who is away', async () => {
    const asked = { payment_method: 'pm_card_visa', setup_future_usage: 'off_session', off_session: true } as const;
    await assert.rejects(pay(asked), code('parameter_invalid_empty'));
  });
});

describe('off_session', () => {
  for (const [name, outcome] of [
    ['pm_card_visa', 'succeeded'],
    ['pm_card_authenticationRequiredSetupForOffSession', 'succeeded'],
    ['pm_card_authenticationRequired', 'authentication_required'],
    ['pm_card_threeDSecure2Required', 'authentication_required'],
  ] as const) {
    it(`ends with ${outcome} for ${name}`, async () => {
      const { id } = await stripe.paymentMethods.attach(name, { customer });
      const paying = pay({ payment_method: id, off_session: true });
      if (outcome === 'succeeded') assert.equal((await paying).status, outcome);
      else await assert.rejects(paying, code(outcome));
    });
  }
});

describe('setup intents', () => {
  it('keep a method', async () => {
    const setup = await setUp('pm_card_visa');
    assert.equal(setup.status, 'succeeded');
    assert.deepEqual(await kept(), [idOf(setup.payment_method)]);
    const read = await stripe.setupIntents.retrieve(setup.id, { expand: ['payment_method'] });
    assert.ok(typeof read.payment_method === 'object');
    assert.equal(read.payment_method?.card?.last4, '4242');
  });

  it('tell a decline with the setup as it stands', async () => {
    await assert.rejects(setUp('pm_card_visa_chargeDeclinedLostCard'), (error) => {
      assert.ok(error instanceof Stripe.errors.StripeCardError);
      assert.deepEqual([error.decline_code, error.setup_intent?.status], ['lost_card', 'requires_payment_method']);
      return true;
    });
    assert.deepEqual(await kept(), []);
  });

  it('wait for the customer, after whom the card asks no more', async () => {
    const waiting = await setUp('pm_card_authenticationRequiredOnSetup');
    assert.equal(waiting.status, 'requires_action');
    const url = `${emulator.url}/3d-secure/${waiting.id}?client_secret=${waiting.client_secret}`;
    assert.match(await (await fetch(url)).text(), /keeps this card/);
    assert.deepEqual(await kept(), []);
    await control.finishChallenge(url, 'complete');
    const [method = ''] = await kept();
    assert.equal((await pay({ payment_method: method })).status, 'succeeded');
  });

  it('tell their story in events', async () => {
    await setUp('pm_card_visa');
    assert.deepEqual(
      (await stripe.events.list()).data.map(({ type }) => type),
      ['setup_intent.succeeded', 'payment_method.attached', 'setup_intent.created', 'customer.created'],
    );
  });
});
