import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Checkout } from '../../../domain/checkout/checkout.ts';
import type { CheckoutStatus } from '../../../domain/checkout/checkout-status.ts';
import type { CheckoutReader } from '../../../domain/checkout/checkout-reader.ts';
import { watchCheckout } from './watch-checkout.ts';

const checkout = (status: CheckoutStatus, updatedAt: number): Checkout => ({
  id: 'chk_1',
  cartId: 'cart_1',
  orderId: 'ord_1',
  attempt: 1,
  status,
  currency: 'EUR',
  total: 100,
  fraud: null,
  answer: null,
  holdExpiresAt: new Date(0),
  reviewDeadline: null,
  createdAt: new Date(0),
  updatedAt: new Date(updatedAt),
});

/** A cart whose checkout the test changes. */
function watched() {
  let present: Checkout | undefined;
  const listeners = new Set<() => void>();
  const checkouts: Pick<CheckoutReader, 'find'> = { find: async () => present };
  return {
    listeners,
    change(next: Checkout) {
      present = next;
      for (const listener of listeners) listener();
    },
    watch: () =>
      watchCheckout(
        { cartToken: 'token', cartId: 'cart_1' },
        {
          checkouts: checkouts as CheckoutReader,
          checkoutChanges: {
            watch(_cartId, onChange) {
              listeners.add(onChange);
              return () => void listeners.delete(onChange);
            },
          },
        },
      ),
  };
}

test('sends the present state first, each change once, and ends with the checkout', async () => {
  const cart = watched();
  cart.change(checkout('processing', 1));
  const states = cart.watch();
  assert.equal((await states.next()).value?.status, 'processing');
  const next = states.next();
  // Told of nothing new: nothing is sent.
  cart.change(checkout('processing', 1));
  cart.change(checkout('in_review', 2));
  assert.equal((await next).value?.status, 'in_review');
  cart.change(checkout('placed', 3));
  assert.equal((await states.next()).value?.status, 'placed');
  assert.equal((await states.next()).done, true);
  assert.equal(cart.listeners.size, 0);
});

test('waits for the first submission', async () => {
  const cart = watched();
  const states = cart.watch();
  const first = states.next();
  cart.change(checkout('processing', 1));
  assert.equal((await first).value?.status, 'processing');
  await states.return();
});

test('a listener that goes away while it waits leaves nothing behind', async () => {
  const cart = watched();
  const states = cart.watch();
  const waiting = states.next();
  await states.return();
  assert.equal((await waiting).done, true);
  assert.equal(cart.listeners.size, 0);
});
