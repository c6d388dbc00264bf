import { type Account, type Call, NO_CALL } from './account.ts';
import { missingResource, refused } from './api-error.ts';
import { newId, unixNow } from './ids.ts';
import type { BalanceTransaction, Charge, Dispute, DisputeState } from './objects.ts';
import type { Parameters } from './parameters.ts';
import { lookUpMethod } from './payment-methods.ts';

/** How a dispute begins. */
export interface DisputeTerms {
  /** Minor units; all that was captured when absent. */
  readonly amount?: number | undefined;
  /** Default `fraudulent`. */
  readonly reason?: string | undefined;
  /** The bank asks before it takes the money. */
  readonly inquiry?: boolean | undefined;
  /** In how many seconds the evidence is due; nine days when absent. */
  readonly evidenceSeconds?: number | undefined;
}

/** Days in which evidence is taken. */
const EVIDENCE_SECONDS = 9 * 24 * 60 * 60;

/** The text fields of Stripe's evidence; those that are files are left out. */
const EVIDENCE_FIELDS = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'duplicate_charge_explanation',
  'duplicate_charge_id',
  'product_description',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_tracking_number',
  'uncategorized_text',
] as const;

const NO_EVIDENCE: Dispute['evidence'] = Object.fromEntries(EVIDENCE_FIELDS.map((field) => [field, null]));

const waitsForEvidence = ({ status }: Dispute): boolean => status === 'needs_response' || status === 'warning_needs_response';
const isClosed = ({ status }: Dispute): boolean => status === 'won' || status === 'lost' || status === 'warning_closed';

/** The dispute named in the path, or Stripe’s 404. */
export function findDispute(account: Account, id: string): Dispute {
  const dispute = account.disputes.get(id);
  if (!dispute) throw missingResource('dispute', id, 'dispute');
  return dispute;
}

/** What the bank has taken for a dispute and not given back. */
export const takenBy = (dispute: Dispute): number => -dispute.balance_transactions.reduce((sum, { amount }) => sum + amount, 0);

const move = (account: Account, dispute: Pick<Dispute, 'id' | 'currency'>, amount: number): BalanceTransaction =>
  account.book({ amount, currency: dispute.currency, source: dispute.id, type: 'adjustment' });

/** Opens a dispute of what was captured of a charge; the bank takes the amount at once, unless it only inquires. */
export function openDispute(account: Account, charge: Charge, terms: DisputeTerms): Dispute {
  const id = newId('du');
  const { currency } = charge;
  const amount = terms.amount ?? charge.amount_captured;
  const inquiry = terms.inquiry ?? false;
  const created = unixNow();
  const dueBy = created + (terms.evidenceSeconds ?? EVIDENCE_SECONDS);
  const disputed = account.charges.put({ ...charge, disputed: true });
  const dispute = account.disputes.put({
    id,
    object: 'dispute',
    amount,
    balance_transactions: inquiry ? [] : [move(account, { id, currency }, -amount)],
    charge: disputed.id,
    created,
    currency,
    evidence: NO_EVIDENCE,
    evidence_details: { due_by: dueBy, has_evidence: false, past_due: false, submission_count: 0 },
    is_charge_refundable: inquiry,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason: terms.reason ?? 'fraudulent',
    status: inquiry ? 'warning_needs_response' : 'needs_response',
  });
  account.emit('charge.dispute.created', dispute, NO_CALL);
  if (!inquiry) account.emit('charge.dispute.funds_withdrawn', dispute, NO_CALL);
  return dispute;
}

/** Lets the holders of the disputing test cards dispute what was captured, after the account's settle time. */
export function disputeLater(
  account: Account,
  { id, amount_captured: captured, disputed, payment_method: method }: Charge,
): void {
  if (captured === 0 || disputed) return;
  const terms = lookUpMethod(account, method)?.card.dispute;
  if (!terms) return;
  account.timers.after(account.refundSettleMs, () => {
    const charge = account.charges.get(id);
    if (charge && !charge.disputed) openDispute(account, charge, terms);
  });
}

/** The bank decides. Undefined when it has decided already. */
export function settleDispute(account: Account, dispute: Dispute, outcome: 'won' | 'lost', call: Call): Dispute | undefined {
  if (isClosed(dispute)) return undefined;
  const taken = takenBy(dispute);
  const reinstated = outcome === 'won' && taken > 0 ? [move(account, dispute, taken)] : [];
  const inquiry = dispute.status.startsWith('warning_');
  const status: DisputeState = inquiry && outcome === 'won' ? 'warning_closed' : outcome;
  const closed = account.disputes.put({
    ...dispute,
    balance_transactions: [...dispute.balance_transactions, ...reinstated],
    is_charge_refundable: outcome === 'won',
    status,
  });
  account.emit('charge.dispute.closed', closed, call);
  if (reinstated.length > 0) account.emit('charge.dispute.funds_reinstated', closed, call);
  return closed;
}

/** What Stripe's test mode decides by, when it is the text of the evidence. */
const DECIDING_TEXTS: Readonly<Record<string, 'won' | 'lost'>> = { winning_evidence: 'won', losing_evidence: 'lost' };

/** `POST /v1/disputes/:id`: evidence, sent to the bank unless `submit` is false. */
export function updateDispute(account: Account, id: string, params: Parameters, call: Call): Dispute {
  const dispute = findDispute(account, id);
  const given = params.child('evidence');
  const evidence = EVIDENCE_FIELDS.map((field) => [field, given?.text(field) ?? dispute.evidence[field] ?? null] as const);
  const submit = params.boolean('submit') ?? true;
  const metadata = params.metadata();
  params.end();
  if (given && !waitsForEvidence(dispute))
    throw refused('dispute_not_updatable', `This dispute is ${dispute.status}: its evidence cannot be changed any more.`);
  const submitted = given !== undefined && submit;
  const status: DisputeState = dispute.status === 'warning_needs_response' ? 'warning_under_review' : 'under_review';
  const details = dispute.evidence_details;
  const updated = account.disputes.put({
    ...dispute,
    evidence: Object.fromEntries(evidence),
    evidence_details: submitted
      ? { ...details, has_evidence: true, submission_count: details.submission_count + 1 }
      : { ...details, has_evidence: details.has_evidence || given !== undefined },
    metadata: { ...dispute.metadata, ...metadata },
    status: submitted ? status : dispute.status,
  });
  account.emit('charge.dispute.updated', updated, call);
  const outcome = submitted ? DECIDING_TEXTS[updated.evidence['uncategorized_text'] ?? ''] : undefined;
  return (outcome && settleDispute(account, updated, outcome, call)) ?? updated;
}

/** `POST /v1/disputes/:id/close`: gives in. */
export function closeDispute(account: Account, id: string, params: Parameters, call: Call): Dispute {
  const dispute = findDispute(account, id);
  params.end();
  if (!waitsForEvidence(dispute))
    throw refused('dispute_not_closable', `This dispute is ${dispute.status}: it cannot be closed.`);
  return settleDispute(account, dispute, 'lost', call) ?? dispute;
}
