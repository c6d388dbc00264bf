import type {
  CheckoutOrOrder,
  FraudOutcome,
  FraudOutcomeKind,
  OutcomeSubject,
} from '../../../domain/checkout/fraud/fraud-outcome.ts';
import { fraudSettings } from '../../../domain/checkout/fraud/fraud-settings.ts';
import { notFound } from '../../../domain/shared/errors.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import type { Stores } from '../../stores.ts';

export type FraudOutcomeReport = CheckoutOrOrder & {
  readonly outcome: FraudOutcomeKind;
  readonly source: 'operator' | 'dispute';
  /** The gateway's id of the dispute: a dispute is counted once, however often it is told. */
  readonly reference?: string | undefined;
  readonly actor: string;
  readonly note?: string | undefined;
};

/** Puts what the store's settings name onto the block list; entries that are there stay as they are. */
async function blockBuyer(stores: Stores, newId: IdGenerator, subject: OutcomeSubject, actor: string): Promise<void> {
  const { active } = await stores.fraud.ruleSets.policy(subject.channelId);
  const { blockOnChargeback = [] } = active?.settings ?? fraudSettings(subject.channelFraudSettings);
  const keys = { email: subject.emailKey, card: subject.cardKey };
  for (const kind of blockOnChargeback) {
    const key = keys[kind];
    if (key === null) continue;
    const id = newId('fraudListEntry');
    const entry = {
      id,
      effect: 'block',
      kind,
      key,
      label: `Buyer of ${subject.orderId}`,
      reason: 'Chargeback',
      actor,
      expiresAt: null,
    } as const;
    const stored = await stores.fraud.lists.put(entry, 'keep');
    if (stored.id === id) {
      await stores.audit.append({
        actor,
        action: 'fraud_list.entry_added',
        subjectId: id,
        detail: { effect: 'block', kind, reason: 'Chargeback', checkoutId: subject.checkoutId },
      });
    }
  }
}

/**
 * Records what a checkout turned out to be, in the caller's transaction. The latest report counts; the same report again, or the same
 * dispute, changes nothing. A chargeback blocks the buyer where the store's settings say so. Raises NOT_FOUND.
 */
export async function recordFraudOutcome(stores: Stores, report: FraudOutcomeReport, newId: IdGenerator): Promise<FraudOutcome> {
  const { outcome, source, reference, actor, note } = report;
  const { outcomes } = stores.fraud;
  const subject = await outcomes.lockSubject(report);
  if (!subject) throw 'checkoutId' in report ? notFound('The checkout', 'checkoutId') : notFound('The order', 'orderId');
  const { checkoutId, orderId } = subject;
  const known = reference === undefined ? undefined : await outcomes.ofReference(checkoutId, reference);
  if (known) return known;
  const current = await outcomes.current(checkoutId);
  if (current?.outcome === outcome && reference === undefined) return current;
  const recorded = await outcomes.add({
    id: newId('fraudOutcome'),
    checkoutId,
    orderId,
    outcome,
    source,
    reference: reference ?? null,
    actor,
    note: note ?? null,
  });
  const detail = { source, orderId, ...(reference !== undefined && { reference }), ...(note !== undefined && { note }) };
  await stores.audit.append({ actor, action: `fraud_outcome.${outcome}`, subjectId: checkoutId, detail });
  if (outcome === 'chargeback') await blockBuyer(stores, newId, subject, actor);
  return recorded;
}
