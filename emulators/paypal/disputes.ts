import type { Account } from './account.ts';
import { toMinor } from './amounts.ts';
import { badField, notFound, unprocessable } from './api-error.ts';
import { newId } from './ids.ts';
import type { Dispute } from './objects.ts';

const RESPONSE_DAYS = 10;

export function findDispute(account: Account, id: string): Dispute {
  const dispute = account.disputes.get(id);
  if (!dispute) throw notFound();
  return dispute;
}

const bookDispute = (account: Account, dispute: Dispute, code: 'T1201' | 'T1202'): void => {
  const [{ seller_transaction_id: captureId, custom } = { seller_transaction_id: '' }] = dispute.disputed_transactions;
  const minor = toMinor(dispute.dispute_amount, 'amount');
  account.book({
    transaction_id: newId(),
    transaction_event_code: code,
    paypal_reference_id: captureId,
    paypal_reference_id_type: 'TXN',
    ...(custom === undefined ? {} : { custom_field: custom }),
    amount: code === 'T1201' ? -minor : minor,
    currency: dispute.dispute_amount.currency_code,
  });
};

/** The customer's bank takes the money of a capture back. */
export function openDispute(account: Account, captureId: string, terms: { reason?: string | undefined; dueSeconds?: number | undefined }): Dispute {
  const { capture } = account.capture(captureId);
  const now = account.now();
  const dispute: Dispute = {
    dispute_id: `PP-D-${newId().slice(0, 8)}`,
    create_time: now,
    update_time: now,
    reason: terms.reason ?? 'UNAUTHORISED',
    status: 'WAITING_FOR_SELLER_RESPONSE',
    dispute_life_cycle_stage: 'CHARGEBACK',
    dispute_amount: capture.amount,
    seller_response_due_date: new Date(Date.now() + (terms.dueSeconds ?? RESPONSE_DAYS * 86_400) * 1000).toISOString(),
    disputed_transactions: [{ seller_transaction_id: captureId, ...(capture.custom_id === undefined ? {} : { custom: capture.custom_id }) }],
    hidden: { answers: 0 },
  };
  account.disputes.set(dispute.dispute_id, dispute);
  bookDispute(account, dispute, 'T1201');
  account.emit('CUSTOMER.DISPUTE.CREATED', dispute, capture.custom_id);
  return dispute;
}

/** The bank decides. */
export function settleDispute(account: Account, dispute: Dispute, outcome: 'won' | 'lost'): boolean {
  if (dispute.status === 'RESOLVED') return false;
  dispute.status = 'RESOLVED';
  dispute.update_time = account.now();
  dispute.dispute_outcome = { outcome_code: outcome === 'won' ? 'RESOLVED_SELLER_FAVOUR' : 'RESOLVED_BUYER_FAVOUR' };
  if (outcome === 'won') bookDispute(account, dispute, 'T1202');
  account.emit('CUSTOMER.DISPUTE.RESOLVED', dispute, dispute.disputed_transactions[0]?.custom);
  return true;
}

/** `POST /v1/customer/disputes/:id/accept-claim` and `…/provide-evidence` */
export function answerDispute(account: Account, id: string, action: 'accept-claim' | 'provide-evidence', text: string): { links: [] } {
  const dispute = findDispute(account, id);
  if (dispute.status !== 'WAITING_FOR_SELLER_RESPONSE') throw unprocessable('ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE');
  if (action === 'accept-claim') settleDispute(account, dispute, 'lost');
  else {
    // A form: its part `input` says what the evidence is.
    if (!/name="input"/.test(text) || !/"evidence_type"/.test(text)) throw badField('/input', 'MISSING_REQUIRED_PARAMETER');
    dispute.status = 'UNDER_REVIEW';
    dispute.update_time = account.now();
    account.emit('CUSTOMER.DISPUTE.UPDATED', dispute, dispute.disputed_transactions[0]?.custom);
  }
  dispute.hidden.answers += 1;
  return { links: [] };
}
