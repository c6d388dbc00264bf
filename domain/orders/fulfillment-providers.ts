import { invalid } from '../shared/errors.ts';
import type { FulfillmentProvider } from './fulfillment-provider.ts';

/** Who may pack and carry the parcels of the store. */
export interface FulfillmentProviders {
  readonly names: readonly string[];
  /** Raises INVALID_INPUT on `field` when the store has no such provider. */
  get(name: string, field?: string): FulfillmentProvider;
}

/** The providers by their names, which must differ. */
export function createFulfillmentProviders(providers: readonly FulfillmentProvider[]): FulfillmentProviders {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  if (byName.size !== providers.length) throw new Error('Two fulfillment providers have the same name');
  const names = [...byName.keys()];
  return {
    names,
    get(name, field = 'provider') {
      const provider = byName.get(name);
      if (!provider) throw invalid(field, `The store has no fulfillment provider ${name}: there are ${names.join(', ')}`);
      return provider;
    },
  };
}
