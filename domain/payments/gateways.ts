import { invalid } from '../shared/errors.ts';
import type { PaymentGateway } from './gateway.ts';

/** The gateways of the store. */
export interface Gateways {
  /** What a checkout pays through when it names none. */
  readonly default: string;
  readonly names: readonly string[];
  /** Raises INVALID_INPUT on `field` when the store has no such gateway. */
  get(name: string, field?: string): PaymentGateway;
}

/** The first gateway is the default. */
export function createGateways(gateways: readonly PaymentGateway[]): Gateways {
  const byName = new Map(gateways.map((gateway) => [gateway.name, gateway]));
  const [first] = gateways;
  if (!first) throw new Error('A store needs a payment gateway');
  return {
    default: first.name,
    names: [...byName.keys()],
    get(name, field = 'gateway') {
      const gateway = byName.get(name);
      if (!gateway) throw invalid(field, `The store has no payment gateway ${name}: there are ${[...byName.keys()].join(', ')}`);
      return gateway;
    },
  };
}
