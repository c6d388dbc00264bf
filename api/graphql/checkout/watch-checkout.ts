import type { CheckoutChanges } from '../../../domain/checkout/checkout-changes.ts';
import type { Checkout } from '../../../domain/checkout/checkout.ts';
import type { CheckoutReader } from '../../../domain/checkout/checkout-reader.ts';
import { isTerminalCheckoutStatus } from '../../../domain/checkout/checkout-status.ts';

/** Changes of one cart's checkout, joined: several while nobody waits are one. */
function watchChanges(changes: CheckoutChanges, cartId: string): { next(): Promise<'changed' | 'closed'>; close(): void } {
  let pending = false;
  let closed = false;
  let wake: (() => void) | undefined;
  const stop = changes.watch(cartId, () => {
    pending = true;
    wake?.();
  });
  return {
    async next() {
      if (!pending && !closed) await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
      pending = false;
      return closed ? 'closed' : 'changed';
    },
    close() {
      closed = true;
      stop();
      wake?.();
    },
  };
}

/**
 * The cart's checkout as it is now and after each change, until it has ended or the iteration is given up. Before the first
 * submission it waits for one.
 */
export function watchCheckout(
  cart: { cartToken: string; cartId: string },
  deps: { checkouts: CheckoutReader; checkoutChanges: CheckoutChanges },
): AsyncGenerator<Checkout, void, void> {
  // Watched before it is read, so that no change falls in between.
  const changes = watchChanges(deps.checkoutChanges, cart.cartId);

  async function* states(): AsyncGenerator<Checkout, void, void> {
    let sent = '';
    try {
      do {
        const checkout = await deps.checkouts.find(cart.cartToken);
        const state = checkout ? `${checkout.id} ${checkout.status} ${checkout.updatedAt.getTime()}` : '';
        if (!checkout || state === sent) continue;
        sent = state;
        yield checkout;
        if (isTerminalCheckoutStatus(checkout.status)) return;
      } while ((await changes.next()) === 'changed');
    } finally {
      changes.close();
    }
  }

  const generator = states();
  const end = generator.return.bind(generator);
  // A generator that waits cannot be ended before it wakes, so wake it first.
  generator.return = (value) => {
    changes.close();
    return end(value);
  };
  return generator;
}
