import type { FulfillmentProvider } from '../../domain/orders/fulfillment-provider.ts';
import { createFulfillmentProviders, type FulfillmentProviders } from '../../domain/orders/fulfillment-providers.ts';
import { type Config, ConfigError, type ShippingApi } from '../../platform/config.ts';
import { createManualProvider } from './manual-provider.ts';
import { createParcelCarrier } from './parcel-carrier/parcel-carrier.ts';
import type { RemoteProviderOptions } from './provider-options.ts';
import { createThirdPartyLogistics } from './third-party-logistics/third-party-logistics.ts';

/** The provider, if its address is set. */
function remote(
  prefix: string,
  { url, apiKey, webhookSecret }: ShippingApi,
  timeoutMs: number,
  create: (options: RemoteProviderOptions) => FulfillmentProvider,
): FulfillmentProvider[] {
  if (url === undefined) return [];
  if (apiKey === undefined) throw new ConfigError(`${prefix}_KEY must be set when ${prefix}_URL is`);
  if (webhookSecret === undefined) throw new ConfigError(`${prefix}_WEBHOOK_SECRET must be set when ${prefix}_URL is`);
  return [create({ url, apiKey, webhookSecret, timeoutMs })];
}

/**
 * Who may pack and carry the parcels of the store, as configured; an operator always may. A new provider is a folder beside this
 * file and one line here. Raises ConfigError.
 */
export function createShippingProviders({
  shipping: { carrier, logistics, timeoutMs },
}: Pick<Config, 'shipping'>): FulfillmentProviders {
  return createFulfillmentProviders([
    createManualProvider(),
    ...remote('SHIPPING_CARRIER', carrier, timeoutMs, createParcelCarrier),
    ...remote('SHIPPING_3PL', logistics, timeoutMs, createThirdPartyLogistics),
  ]);
}
