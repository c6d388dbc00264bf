import { createParcelCarrier } from '../../adapters/shipping/parcel-carrier/parcel-carrier.ts';
import { fulfillmentProviderConformance } from './conformance.ts';
import { startEmulatedTarget } from './emulated-target.ts';

fulfillmentProviderConformance('The carrier', () =>
  startEmulatedTarget({
    side: 'carrier',
    create: createParcelCarrier,
    way: ['shipped', 'in_transit', 'delivered'],
    tooLateFrom: 'shipped',
    refusesAtOnce: true,
    calls: {
      request: { method: 'POST', path: '/carrier/v1/labels' },
      retrieve: { method: 'GET', path: '/carrier/v1/labels/*' },
      cancel: { method: 'POST', path: '/carrier/v1/labels/*/void' },
    },
  }),
);
