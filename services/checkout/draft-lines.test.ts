import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createIdGenerator } from '../../platform/ids.ts';
import type { Stores } from '../stores.ts';
import { draftLines } from './draft-lines.ts';

const carts: Pick<Stores['carts'], 'sellableVariants'> = {
  sellableVariants: async () => [
    { id: 'var_mug', unitAmount: 1_000 },
    { id: 'var_bespoke', unitAmount: null },
  ],
};
const lines = (...wanted: Parameters<typeof draftLines>[2]) =>
  draftLines({ carts } as Stores, createIdGenerator(), wanted, { channelId: 'chan_shop', currency: 'USD', customerIds: [] });

test("lines are quoted at the operator's price, or at the catalog's", async () => {
  const [mug, bespoke] = await lines(
    { variantId: 'var_mug', quantity: 2 },
    { variantId: 'var_bespoke', quantity: 1, unitAmount: 0, reason: 'a present' },
  );
  assert.deepEqual([mug?.fixedAmount, mug?.quotedAmount], [null, 1_000]);
  assert.deepEqual([bespoke?.fixedAmount, bespoke?.quotedAmount], [0, 0]);
});

test('what cannot be sold so is refused, naming the field', async () => {
  const refuses = (field: string, ...wanted: Parameters<typeof draftLines>[2]) => assert.rejects(lines(...wanted), { field });
  await refuses('lines.0.variantId', { variantId: 'var_gone', quantity: 1 });
  await refuses('lines.1.variantId', { variantId: 'var_mug', quantity: 1 }, { variantId: 'var_mug', quantity: 1 });
  await refuses('lines.0.quantity', { variantId: 'var_mug', quantity: 0 });
  await refuses('lines.0.unitAmount', { variantId: 'var_bespoke', quantity: 1 });
  await refuses('lines.0.unitAmount', { variantId: 'var_mug', quantity: 1, unitAmount: -1, reason: 'no' });
  await refuses('lines.0.reason', { variantId: 'var_mug', quantity: 1, unitAmount: 900 });
});
