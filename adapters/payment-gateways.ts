import type { PaymentGateway } from '../domain/payments/gateway.ts';
import { type Config, ConfigError } from '../platform/config.ts';
import { createStripeGateway } from './stripe/stripe-gateway.ts';

/** The gateway that payments go to, as configured. Raises ConfigError. */
export function createPaymentGateway(config: Config): PaymentGateway {
  const { apiKey, webhookSecret, baseUrl, timeoutMs } = config.stripe;
  if (apiKey === undefined) throw new ConfigError('STRIPE_API_KEY must be set');
  if (webhookSecret === undefined) throw new ConfigError('STRIPE_WEBHOOK_SECRET must be set');
  return createStripeGateway({ apiKey, webhookSecret, timeoutMs, ...(baseUrl === undefined ? {} : { baseUrl }) });
}
