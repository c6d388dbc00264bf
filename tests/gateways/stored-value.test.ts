import { createIdGenerator } from '../../platform/ids.ts';
import type { StoredValueKind } from '../../domain/payments/stored-value.ts';
import type { Work } from '../../services/stores.ts';
import { gatewayConformance } from './conformance.ts';
import { startHouseTarget } from './house-target.ts';

const newId = createIdGenerator();

/** Enough for every amount of the suite. */
const PLENTY = 10_000_000_000;

async function openAccount(work: Work, kind: StoredValueKind, currency: string, balance: number): Promise<string> {
  const id = newId('storedValueAccount');
  const whose =
    kind === 'gift_card'
      ? { code: { hash: `hash of ${id}`, last4: '7KQ2' } }
      : { owner: { emailKey: `key of ${id}`, customerId: null } };
  await work.transaction(async ({ storedValue }) => {
    await storedValue.insert({ id, kind, currency, expiresAt: null, ...whose });
    if (balance > 0)
      await storedValue.move({ accountId: id, kind: 'issue', balanceDelta: balance, key: `${id}/issue`, referenceId: id });
  });
  return id;
}

for (const kind of ['gift_card', 'store_credit'] as const) {
  gatewayConformance(kind, () =>
    startHouseTarget(kind, (work) => ({
      pays: (currency) => openAccount(work, kind, currency, PLENTY),
      declines: (currency) => openAccount(work, kind, currency, 0),
    })),
  );
}
