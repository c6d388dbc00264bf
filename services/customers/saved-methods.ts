import type { SavedMethodOutcome, SavedMethodService } from '../../domain/customers/customer-service.ts';
import type { SavedMethod } from '../../domain/customers/saved-method.ts';
import { GatewayError } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import type { PaymentVault, SavedMethodToken, VaultSetup } from '../../domain/payments/vault.ts';
import { DomainError, invalid, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores, Work } from '../stores.ts';

/** The list that a customer sees is not longer. */
const MAX_METHODS = 100;
/** Whoever has more cards to save within the hour is trying them out. */
const MAX_SETUPS = 10;
const SETUPS_WITHIN_MS = 3_600_000;
/** A customer of the vault's that came to nothing may be asked for anew so often. */
const FRESH_KEYS = 3;

/**
 * Remembers a method that the gateway's vault keeps. Part of the caller's transaction; a token is remembered once. Undefined when
 * the customer has removed it, or it is somebody else's.
 */
export async function rememberMethod(
  stores: Stores,
  newId: IdGenerator,
  { customerId, gateway, saved }: { customerId: string; gateway: string; saved: SavedMethodToken },
): Promise<SavedMethod | undefined> {
  const details = Object.fromEntries(Object.entries(saved.details).filter(([name]) => name !== 'fingerprint'));
  const id = newId('savedPaymentMethod');
  const method = await stores.savedMethods.remember(id, customerId, gateway, { ...saved, details });
  if (method?.id === id) {
    const { kind = null, brand = null, last4 = null, expiryMonth = null, expiryYear = null } = method.details;
    const payload = { customerId, paymentMethodId: id, gateway, kind, brand, last4, expiryMonth, expiryYear };
    await stores.outbox.append({ id: newId('event'), type: 'payment_method.saved', aggregateId: customerId, payload });
  }
  return method;
}

const REMOVED = {
  kind: 'declined',
  code: 'payment_method_removed',
  message: 'The payment method was removed: save it anew',
} as const;

const isReplayed = (error: unknown): boolean => error instanceof GatewayError && error.replayed;

/** A vault's silence is for the customer to try again: nothing is charged, and the key makes the same of a repeated call. */
async function ask<T>(call: () => Promise<T>, field = 'paymentMethod'): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (error.kind === 'rejected') throw invalid(field, error.message);
    throw new DomainError('GATEWAY_UNAVAILABLE', 'The payment gateway does not answer now: try again');
  }
}

/**
 * Builds the use cases of saved payment methods. The vault is called right from the request, within the gateway's time-out:
 * the customer waits, no money moves, and each call has a key or is harmless when repeated, so that no workflow is needed.
 */
export function createSavedMethodService(deps: {
  work: Work;
  gateways: Gateways;
  newId: IdGenerator;
  now: () => Date;
}): SavedMethodService {
  const { work, gateways, newId, now } = deps;

  function vaultOf(gateway: string): PaymentVault {
    const { vault } = gateways.get(gateway);
    if (!vault) throw invalid('gateway', `${gateway} keeps no payment methods`);
    return vault;
  }

  /** A failure that the gateway has stored under the key is all that the key gives any more. */
  async function createCustomer(customerId: string, gateway: string): Promise<{ customerRef: string }> {
    for (let number = 1; ; number += 1) {
      try {
        return await vaultOf(gateway).createCustomer({ key: `${customerId}/gateway-customer/${number}`, customerId });
      } catch (error) {
        if (!isReplayed(error) || number === FRESH_KEYS) throw error;
      }
    }
  }

  async function gatewayCustomer(customerId: string, gateway: string): Promise<string> {
    const known = await work.stores.customers.gatewayRef(customerId, gateway);
    if (known !== undefined) return known;
    const { customerRef } = await ask(() => createCustomer(customerId, gateway), 'gateway');
    return work.stores.customers.setGatewayRef(customerId, gateway, customerRef);
  }

  async function conclude(customerId: string, setupId: string, told: VaultSetup): Promise<SavedMethodOutcome> {
    switch (told.state) {
      case 'requires_action':
        await work.stores.savedMethods.updateSetup(setupId, { setupRef: told.setupRef });
        return { kind: 'action_required', setupId, ...told.action };
      case 'failed':
        return { kind: 'declined', code: told.code, message: told.message };
      case 'saved':
        return work.transaction(async (stores) => {
          const setup = await stores.savedMethods.getSetup(setupId);
          if (!setup) throw notFound('The setup', 'setupId');
          const method = await rememberMethod(stores, newId, { customerId, gateway: setup.gateway, saved: told.method });
          if (!method) return REMOVED;
          await stores.savedMethods.updateSetup(setupId, { setupRef: told.setupRef, savedMethodId: method.id });
          // Once: the customer may have chosen another one since.
          if (setup.makeDefault && setup.savedMethodId === null) await stores.savedMethods.setDefault(customerId, method.id);
          return { kind: 'saved', method: (await stores.savedMethods.get(method.id)) ?? method };
        });
    }
  }

  async function own(customerId: string, id: string): Promise<SavedMethod> {
    const method = await work.stores.savedMethods.get(id);
    // Somebody else's is not told from one that does not exist.
    if (method?.customerId !== customerId) throw notFound('The payment method', 'id');
    return method;
  }

  return {
    ofCustomer: (customerId) => work.stores.savedMethods.ofCustomer(customerId),
    gatewayCustomer,

    async save(customerId, { gateway, paymentMethod, returnUrl, makeDefault }) {
      const vault = vaultOf(gateway);
      const kept = await work.stores.savedMethods.ofCustomer(customerId);
      if (kept.length >= MAX_METHODS) throw invalid('paymentMethod', `At most ${MAX_METHODS}: remove one first`);
      const customerRef = await gatewayCustomer(customerId, gateway);
      const setupId = newId('paymentMethodSetup');
      const limit = { setups: MAX_SETUPS, since: new Date(now().getTime() - SETUPS_WITHIN_MS) };
      const opened = await work.transaction((stores) =>
        stores.savedMethods.openSetup({ id: setupId, customerId, gateway, makeDefault }, limit),
      );
      if (!opened) throw new DomainError('RATE_LIMITED', 'Too many payment methods: try again in an hour');
      const request = { key: setupId, customerRef, paymentMethod, ...(returnUrl === undefined ? {} : { returnUrl }) };
      const told = await ask(() => vault.setup(request));
      return conclude(customerId, setupId, told);
    },

    async completeSetup(customerId, setupId) {
      const setup = await work.stores.savedMethods.getSetup(setupId);
      if (setup?.customerId !== customerId || setup.setupRef === null) throw notFound('The setup', 'setupId');
      const { gateway, setupRef } = setup;
      return conclude(customerId, setupId, await ask(() => vaultOf(gateway).retrieveSetup(setupRef)));
    },

    async setDefault(customerId, id) {
      const done = await work.transaction((stores) => stores.savedMethods.setDefault(customerId, id));
      if (!done) throw notFound('The payment method', 'id');
      return work.stores.savedMethods.ofCustomer(customerId);
    },

    async remove(customerId, id) {
      const method = await work.stores.savedMethods.get(id);
      if (method?.customerId === customerId) {
        // The vault first: what we have forgotten could not be removed there any more.
        await ask(() => vaultOf(method.gateway).remove(method), 'id');
        await work.transaction(async (stores) => {
          if (!(await stores.savedMethods.remove(customerId, id))) return;
          const payload = { customerId, paymentMethodId: id, gateway: method.gateway };
          await stores.outbox.append({ id: newId('event'), type: 'payment_method.removed', aggregateId: customerId, payload });
        });
      }
      return work.stores.savedMethods.ofCustomer(customerId);
    },

    async forPayment(customerId, id) {
      const { gateway, token, customerRef } = await own(customerId, id);
      return { gateway, token, customerRef };
    },
  };
}
