import { createThirdPartyLogistics } from '../../adapters/shipping/third-party-logistics/third-party-logistics.ts';
import { fulfillmentProviderConformance } from './conformance.ts';
import { startEmulatedTarget } from './emulated-target.ts';

fulfillmentProviderConformance('The warehouse', () =>
  startEmulatedTarget({
    side: 'logistics',
    create: createThirdPartyLogistics,
    way: ['picking', 'packed', 'shipped', 'delivered'],
    tooLateFrom: 'packed',
    refusesAtOnce: false,
    calls: {
      request: { method: 'POST', path: '/logistics/v1/orders' },
      retrieve: { method: 'GET', path: '/logistics/v1/orders/*' },
      cancel: { method: 'POST', path: '/logistics/v1/orders/*/cancel' },
    },
  }),
);
