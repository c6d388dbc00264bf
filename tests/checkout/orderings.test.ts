import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { pool } from '../../bench/statistics.ts';
import { assertBooks } from '../support/books.ts';
import { CANCEL, startStore, type ReadyCart, type SubmitAnswer, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';

type Happening = 'submit' | 'succeeded' | 'failed' | 'cancel' | 'expiry';

/** What may happen to a checkout that waits for its customer; the customer's success is told three times. */
const HAPPENINGS: readonly Happening[] = ['submit', 'succeeded', 'succeeded', 'succeeded', 'failed', 'cancel', 'expiry'];

/** Every distinct ordering. */
function orderings(left: readonly Happening[]): Happening[][] {
  if (left.length === 0) return [[]];
  return [...new Set(left)].flatMap((first) => {
    const rest = [...left];
    rest.splice(rest.indexOf(first), 1);
    return orderings(rest).map((others) => [first, ...others]);
  });
}

const ALL = orderings(HAPPENINGS);
/** A spread over all of them; the soak runs each one. */
const CHOSEN = process.env['SOAK'] ? ALL : ALL.filter((_, index) => index % 14 === 0);
const ACTION_SECONDS = 3;

let store: TestStore;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_999, stock: 10_000 }], { rules: { actionSeconds: ACTION_SECONDS } });
});

after(async () => {
  await store.close();
});

async function happen(cart: ReadyCart, waiting: SubmitAnswer, startedAt: number, happening: Happening): Promise<void> {
  switch (happening) {
    case 'submit':
      await store.submit(cart, { paymentMethod: 'pm_card_threeDSecure2Required', returnUrl: 'https://shop.example.com/back' });
      return;
    case 'succeeded':
      // The first time the customer passes the challenge; after that the gateway only tells it again.
      await store.authenticate(waiting.redirectUrl ?? '', 'complete');
      await tellAgain(cart);
      return;
    case 'failed':
      await store.authenticate(waiting.redirectUrl ?? '', 'fail');
      return;
    case 'cancel':
      await store.query(CANCEL, { token: cart.token }, { shopper: cart.shopper });
      return;
    case 'expiry':
      await waitFor(() => Date.now() > startedAt + ACTION_SECONDS * 1000, { what: 'the time to be over' });
  }
}

/** Sends every event of the cart's payments once more. */
async function tellAgain(cart: ReadyCart): Promise<void> {
  const events = await store.database.rows<{ id: string }>(ephemeral('SELECT event_id AS id FROM gateway_events WHERE cart_id = $1'), [cart.id]);
  for (const { id } of events) await store.gateway.redeliver(id);
}

test(`at most one order and one charge, whatever happens in which order (${CHOSEN.length} of ${ALL.length} orderings)`, async () => {
  assert.equal(ALL.length, 840);
  await pool(CHOSEN.length, 16, async (index) => {
    const cart = await store.readyCart(index + 1);
    const startedAt = Date.now();
    const waiting = await store.submit(cart, { paymentMethod: 'pm_card_threeDSecure2Required', returnUrl: 'https://shop.example.com/back' });
    assert.equal(waiting.__typename, 'CheckoutActionRequired');
    for (const happening of CHOSEN[index] ?? []) await happen(cart, waiting, startedAt, happening);
  });
  await waitFor(async () => (await store.activeCheckouts()) === 0, { what: 'every checkout to end', timeoutMs: 30_000 });
  await assertBooks(store);
});
