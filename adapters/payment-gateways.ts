import type { PaymentGateway } from '../domain/payments/gateway.ts';
import { createGateways, type Gateways } from '../domain/payments/gateways.ts';
import { type Config, ConfigError } from '../platform/config.ts';
import type { Work } from '../services/stores.ts';
import { createHouseGateway } from './house/house-gateway.ts';
import { maskedGateway } from './masked-gateway.ts';
import { createPaypalGateway } from './paypal/paypal-gateway.ts';
import { createStripeGateway } from './stripe/stripe-gateway.ts';

function stripe({ stripe: { apiKey, webhookSecret, baseUrl, timeoutMs } }: Config): PaymentGateway[] {
  if (apiKey === undefined) return [];
  if (webhookSecret === undefined) throw new ConfigError('STRIPE_WEBHOOK_SECRET must be set when STRIPE_API_KEY is');
  return [createStripeGateway({ apiKey, webhookSecret, timeoutMs, ...(baseUrl === undefined ? {} : { baseUrl }) })];
}

function paypal({ paypal: { clientId, clientSecret, webhookId, baseUrl, timeoutMs } }: Config): PaymentGateway[] {
  if (clientId === undefined) return [];
  if (clientSecret === undefined) throw new ConfigError('PAYPAL_CLIENT_SECRET must be set when PAYPAL_CLIENT_ID is');
  if (webhookId === undefined) throw new ConfigError('PAYPAL_WEBHOOK_ID must be set when PAYPAL_CLIENT_ID is');
  return [createPaypalGateway({ clientId, clientSecret, webhookId, timeoutMs, ...(baseUrl === undefined ? {} : { baseUrl }) })];
}

/**
 * The gateways of the store, as configured; the first one is the default. A new gateway is a folder beside this file and one
 * line here. Raises ConfigError.
 */
export function createPaymentGateways(config: Config, work: Work): Gateways {
  const online = [...stripe(config), ...paypal(config)];
  if (online.length === 0) throw new ConfigError('STRIPE_API_KEY or PAYPAL_CLIENT_ID must be set');
  const house = (['manual', 'gift_card', 'store_credit'] as const).map((name) => createHouseGateway(work, name));
  return createGateways([...online, ...house].map(maskedGateway));
}
