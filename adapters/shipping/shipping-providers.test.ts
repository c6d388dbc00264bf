import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainError } from '../../domain/shared/errors.ts';
import { ConfigError, loadConfig } from '../../platform/config.ts';
import { createShippingProviders } from './shipping-providers.ts';

const CARRIER = {
  SHIPPING_CARRIER_URL: 'http://127.0.0.1:1',
  SHIPPING_CARRIER_KEY: 'carrier-key',
  SHIPPING_CARRIER_WEBHOOK_SECRET: 'carrier-webhook-secret',
};
const LOGISTICS = {
  SHIPPING_3PL_URL: 'http://127.0.0.1:1',
  SHIPPING_3PL_KEY: 'warehouse-key',
  SHIPPING_3PL_WEBHOOK_SECRET: 'warehouse-webhook-secret',
};

const providers = (env: Record<string, string>) => createShippingProviders(loadConfig(env));

test('an operator always may; others when they are configured', () => {
  assert.deepEqual(providers({}).names, ['manual']);
  assert.deepEqual(providers(CARRIER).names, ['manual', 'parcel_carrier']);
  assert.deepEqual(providers({ ...CARRIER, ...LOGISTICS }).names, ['manual', 'parcel_carrier', 'third_party_logistics']);
});

test('tells which provider there is none of, on the field that named it', () => {
  assert.throws(
    () => providers({}).get('parcel_carrier', 'input.provider'),
    (error) => error instanceof DomainError && error.field === 'input.provider',
  );
});

test('a provider that is half configured stops the start', () => {
  for (const env of [CARRIER, LOGISTICS]) {
    const [url = '', ...others] = Object.keys(env);
    for (const missing of others) {
      const half = Object.fromEntries(Object.entries(env).filter(([name]) => name !== missing));
      assert.throws(
        () => providers(half),
        (error) => error instanceof ConfigError && error.message === `${missing} must be set when ${url} is`,
      );
    }
  }
});

test('an operator’s parcel is asked of nobody', async () => {
  const manual = providers({}).get('manual');
  const parcel = { ref: 'ful_1', state: 'accepted' };
  assert.deepEqual(await manual.findByReference('ful_1'), parcel);
  assert.deepEqual(await manual.retrieve('ful_1'), parcel);
  assert.deepEqual(await manual.cancel({ key: 'ful_1/cancel', ref: 'ful_1' }), { ref: 'ful_1', state: 'canceled' });
  await assert.rejects(manual.parseWebhook(Buffer.from('{}'), {}), { code: 'UNAUTHENTICATED' });
});
