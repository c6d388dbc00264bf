import type { RemoteProviderOptions } from '../../adapters/shipping/provider-options.ts';
import type { FulfillmentProvider, ProviderState } from '../../domain/orders/fulfillment-provider.ts';
import { shippingEmulatorControl } from '../../emulators/shipping/control.ts';
import { startShippingEmulator } from '../../emulators/shipping/server.ts';
import type { ShipmentState, Side } from '../../emulators/shipping/shipment.ts';
import { startWebhookEndpoint } from '../gateways/webhook-endpoint.ts';
import type { ProviderCall, ProviderTarget } from './conformance/target.ts';

const SECRET = 'secret-of-the-conformance-suite';
const API_KEY = 'key-of-the-conformance-suite';
const TIMEOUT_MS = 700;

/** What is particular to a side of the emulator. */
export interface EmulatedSide extends Pick<ProviderTarget, 'way' | 'tooLateFrom' | 'refusesAtOnce'> {
  readonly side: Side;
  /** Method and path of each call. */
  readonly calls: Readonly<Record<ProviderCall, { readonly method: 'GET' | 'POST'; readonly path: string }>>;
  create(options: RemoteProviderOptions): FulfillmentProvider;
}

const emulated = (state: ProviderState): ShipmentState => (state === 'returned_to_sender' ? 'returned' : state);

/** Starts the emulator, with a provider that talks to one of its sides. */
export async function startEmulatedTarget({ side, calls, create, ...particulars }: EmulatedSide): Promise<ProviderTarget> {
  const endpoint = await startWebhookEndpoint();
  const emulator = await startShippingEmulator({
    apiKeys: { [side]: API_KEY },
    webhooks: { [side]: { url: endpoint.url, secret: SECRET } },
  });
  const control = shippingEmulatorControl(emulator.url);
  const options = { url: emulator.urls[side], apiKey: API_KEY, webhookSecret: SECRET, timeoutMs: TIMEOUT_MS };
  return {
    ...particulars,
    provider: create(options),
    at: (now) => create({ ...options, now: () => now }),
    async parcels(reference) {
      let count = 0;
      for await (const { side: where } of control.shipments({ reference })) if (where === side) count++;
      return count;
    },
    async move(ref, state, reason) {
      await control.advance(ref, emulated(state), reason);
    },
    refuseNext: (reason) => control.rejectNext(side, reason),
    ...(side === 'logistics' && {
      async shortShip(ref: string, quantities: Readonly<Record<string, number>>) {
        await control.shortShip(ref, quantities);
      },
    }),
    async dropAnswers(call, times) {
      await control.addFault({ match: calls[call], times, effect: { kind: 'drop', stage: 'after' } });
    },
    async hangAnswers(call, times) {
      await control.addFault({ match: calls[call], times, effect: { kind: 'hold', stage: 'after' } });
    },
    async holdNext(call) {
      const id = await control.addFault({ match: calls[call], times: 1, effect: { kind: 'hold', stage: 'during' } });
      return {
        waiting: async () => (await control.faults()).some((fault) => fault.id === id && fault.held > 0),
        release: () => control.releaseFault(id),
      };
    },
    async failBefore(call, status, retryAfterSeconds) {
      await control.addFault({
        match: calls[call],
        times: 1,
        effect: { kind: 'status', status, stage: 'before', ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
      });
    },
    clearFaults: () => control.clearFaults(),
    webhooks: () => endpoint.received,
    async close() {
      await emulator.close();
      endpoint.close();
    },
  };
}
