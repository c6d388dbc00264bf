import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ephemeral, openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import { createStripeGateway } from '../../adapters/stripe/stripe-gateway.ts';
import type { Dispute } from '../../domain/payments/dispute-record.ts';
import type { DisputeDesk, DisputeStatus, GatewayDispute } from '../../domain/payments/dispute.ts';
import { GatewayError, type PaymentReference } from '../../domain/payments/gateway.ts';
import { createGateways } from '../../domain/payments/gateways.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { fillStore } from '../../tests/support/demo-catalog.ts';
import { bookPayment } from '../../tests/support/payment-books.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import type { Work } from '../stores.ts';
import { createDisputeService, type DisputeService } from './dispute-service.ts';

const EVIDENCE = { explanation: 'The parcel was handed over.', trackingNumber: '1Z999' };
const DAY_MS = 24 * 3_600_000;

const newId = createIdGenerator();
let server: TestDatabase;
let database: Database;
let channelId: string;
let work: Work;
let bank: Bank;
let disputes: DisputeService;
let payments = 0;

/** The gateway's side: what it says of each dispute, and what it was asked for under which key. */
class Bank implements DisputeDesk {
  readonly said = new Map<string, GatewayDispute>();
  readonly keys: string[] = [];
  /** What becomes of the next answers: thrown before or after the bank has taken it. */
  readonly faults: { when: 'before' | 'after'; error: Error }[] = [];

  say(ref: string, change: Partial<GatewayDispute> = {}): { gateway: string; disputeRef: string } {
    const before = this.said.get(ref) ?? {
      ref,
      amount: 1_000,
      currency: 'USD',
      reason: 'product_not_received',
      status: 'needs_response',
      openedAt: new Date(),
      evidenceDueAt: new Date(Date.now() + 9 * DAY_MS),
    };
    this.said.set(ref, { ...before, ...change });
    return { gateway: 'stripe', disputeRef: ref };
  }

  async retrieve(ref: string): Promise<GatewayDispute> {
    const dispute = this.said.get(ref);
    if (!dispute) throw new GatewayError('rejected', 'No such dispute');
    return dispute;
  }

  respond({ key, ref }: { key: string; ref: string }): Promise<GatewayDispute> {
    return this.take(key, ref, 'under_review');
  }

  accept({ key, ref }: { key: string; ref: string }): Promise<GatewayDispute> {
    return this.take(key, ref, 'lost');
  }

  private async take(key: string, ref: string, status: DisputeStatus): Promise<GatewayDispute> {
    this.keys.push(key);
    const fault = this.faults.shift();
    if (fault?.when === 'before') throw fault.error;
    this.say(ref, { status });
    if (fault) throw fault.error;
    return this.retrieve(ref);
  }
}

before(async () => {
  server = await startTestDatabase();
  database = openDatabase({ url: server.url, poolSize: 8 });
  channelId = (await fillStore(database, [{ sku: 'CAP', price: 2_000, stock: 100 }])).channelId;
  work = createUnitOfWork(database);
});

beforeEach(() => {
  bank = new Bank();
  const stripe = createStripeGateway({ apiKey: 'sk_test_never_called', webhookSecret: 'whsec_test', timeoutMs: 1_000 });
  const gateways = createGateways([{ ...stripe, disputes: bank }]);
  disputes = createDisputeService({ work, gateways, newId, now: () => new Date() });
});

after(async () => {
  await database.close();
  await server.close();
});

/** A captured payment of an order, and how a dispute would name it. */
async function paid(): Promise<PaymentReference & { ref: string; gatewayRef: string; captureRef: string }> {
  const n = (payments += 1);
  const [gatewayRef, captureRef] = [`pi_dispute_${n}`, `ch_dispute_${n}`];
  const captures = [{ ref: captureRef, amount: 1_000 }];
  const reference = await bookPayment(database, channelId, { gatewayRef, captured: 1_000, captures });
  return { ...reference, ref: `du_${n}`, gatewayRef, captureRef };
}

async function disputeOf(ref: string): Promise<Dispute> {
  const dispute = await work.stores.disputes.find('stripe', ref);
  assert.ok(dispute, `${ref} is recorded`);
  return dispute;
}

const holdsOf = async (orderId: string): Promise<string[]> =>
  (await work.stores.orderHolds.active(orderId)).map(({ referenceId }) => referenceId);

const openIncident = (subjectId: string) => work.stores.incidents.findOpen('dispute_needs_response', subjectId);

async function eventsOf(disputeId: string): Promise<string[]> {
  const text = `SELECT type FROM outbox_events WHERE payload->>'disputeId' = $1 ORDER BY position`;
  return (await database.rows<{ type: string }>(ephemeral(text), [disputeId])).map(({ type }) => type);
}

async function answered(ref: string, response: 'evidence' | 'accept' = 'evidence'): Promise<void> {
  const { id } = await disputeOf(ref);
  await disputes.prepare(id, { response, evidence: response === 'evidence' ? EVIDENCE : null, actor: 'ada' });
  await disputes.sendAnswer({ gateway: 'stripe', disputeRef: ref });
}

const code = (expected: string) => (error: unknown) => error instanceof DomainError && error.code === expected;

describe('what the gateway tells of a dispute', () => {
  it('freezes the order, calls a person and tells the world, once', async () => {
    const { ref, orderId, paymentId, gatewayRef } = await paid();
    const key = bank.say(ref, { gatewayRef });
    await Promise.all([disputes.refresh(key), disputes.refresh(key), disputes.refresh(key)]);
    const dispute = await disputeOf(ref);
    assert.deepEqual([dispute.orderId, dispute.paymentId], [orderId, paymentId]);
    assert.deepEqual([dispute.status, dispute.amount], ['needs_response', 1_000]);
    assert.deepEqual(await holdsOf(orderId), [dispute.id]);
    const incident = await openIncident(dispute.id);
    assert.ok(incident?.cause.includes(dispute.evidenceDueAt?.toISOString() ?? 'no date'), incident?.cause);
    assert.deepEqual([incident?.orderId, incident?.amount, incident?.currency], [orderId, 1_000, 'USD']);
    assert.deepEqual(await eventsOf(dispute.id), ['dispute.opened']);
  });

  it('finds the payment by our ids, by the payment, and by what was captured', async () => {
    for (const named of ['reference', 'gatewayRef', 'captureRef'] as const) {
      const { ref, gatewayRef, captureRef, ...ids } = await paid();
      const { cartId, checkoutId, orderId, paymentId } = ids;
      const names = { reference: { cartId, checkoutId, orderId, paymentId }, gatewayRef, captureRef };
      await disputes.refresh(bank.say(ref, { [named]: names[named] }));
      assert.equal((await disputeOf(ref)).paymentId, paymentId, named);
    }
  });

  it('about a payment that is not ours calls a person, who is not offered to refund it', async () => {
    const key = bank.say('du_foreign', { gatewayRef: 'pi_foreign' });
    await disputes.refresh(key);
    await disputes.refresh(key);
    assert.equal((await disputeOf('du_foreign')).orderId, null);
    const incident = await work.stores.incidents.findOpen('unknown_payment', 'pi_foreign');
    assert.deepEqual(incident?.actions, ['retry', 'adopt', 'ignore']);
  });

  it('freezes the order also when it is found only later', async () => {
    const { ref, orderId, gatewayRef } = await paid();
    const key = bank.say(ref);
    await disputes.refresh(key);
    assert.deepEqual(await holdsOf(orderId), []);
    bank.say(ref, { gatewayRef });
    await disputes.refresh(key);
    assert.deepEqual(await holdsOf(orderId), [(await disputeOf(ref)).id]);
  });

  it('frees the order when it is won, and freezes it again when the bank takes it up again', async () => {
    const { ref, orderId, gatewayRef } = await paid();
    const key = bank.say(ref, { gatewayRef });
    await disputes.refresh(key);
    bank.say(ref, { status: 'won' });
    await disputes.refresh(key);
    const won = await disputeOf(ref);
    assert.ok(won.closedAt);
    assert.deepEqual(await holdsOf(orderId), []);
    assert.equal(await openIncident(won.id), undefined);
    assert.deepEqual(await eventsOf(won.id), ['dispute.opened', 'dispute.closed']);

    bank.say(ref, { status: 'needs_response' });
    await disputes.refresh(key);
    assert.equal((await disputeOf(ref)).closedAt, null);
    assert.deepEqual(await holdsOf(orderId), [won.id]);
    assert.ok(await openIncident(won.id));
  });

  it('keeps the order frozen when it is lost, and counts a fraud once', async () => {
    const { ref, orderId, checkoutId, gatewayRef } = await paid();
    const key = bank.say(ref, { gatewayRef, reason: 'fraudulent', status: 'lost' });
    await disputes.refresh(key);
    await disputes.refresh(key);
    const lost = await disputeOf(ref);
    assert.deepEqual(await holdsOf(orderId), [lost.id]);
    assert.deepEqual(await eventsOf(lost.id), ['dispute.opened', 'dispute.closed']);
    const outcomes = await database.rows<{ outcome: string; reference: string }>(
      ephemeral('SELECT outcome, reference FROM fraud_outcomes WHERE checkout_id = $1'),
      [checkoutId],
    );
    assert.deepEqual(outcomes, [{ outcome: 'chargeback', reference: ref }]);
  });

  it('changes nothing when something later is known', async () => {
    const { ref, gatewayRef } = await paid();
    const key = bank.say(ref, { gatewayRef, status: 'under_review' });
    await disputes.refresh(key);
    const toldAt = new Date(Date.now() - 60_000);
    const stale = { ...(await bank.retrieve(ref)), status: 'needs_response' as const, gateway: 'stripe', toldAt };
    const { dispute, before: known } = await work.transaction((stores) =>
      stores.disputes.record(newId('dispute'), { ...stale, paymentId: null, orderId: null }),
    );
    assert.deepEqual([dispute.status, known?.status], ['under_review', 'under_review']);
    assert.equal((await disputeOf(ref)).status, 'under_review');
  });

  it('and does not show, calls a person until it does', async () => {
    const key = { gateway: 'stripe', disputeRef: 'du_hidden' };
    await assert.rejects(disputes.refresh(key), GatewayError);
    await disputes.reportUnreadable(key, 'No such dispute');
    await disputes.reportUnreadable(key, 'No such dispute');
    assert.match((await openIncident('du_hidden'))?.cause ?? '', /du_hidden/);
    bank.say('du_hidden');
    await disputes.refresh(key);
    assert.equal(await openIncident('du_hidden'), undefined);
  });

  it('is asked for once more when the evidence is due soon', async () => {
    const { ref, gatewayRef } = await paid();
    const key = bank.say(ref, { gatewayRef, evidenceDueAt: new Date(Date.now() + DAY_MS) });
    const { dueInMs = 0 } = await disputes.refresh(key);
    assert.ok(dueInMs > 0 && dueInMs <= DAY_MS);
    const { id } = await disputeOf(ref);
    const first = await openIncident(id);
    await disputes.escalate(key);
    const second = await openIncident(id);
    assert.equal(second?.id, first?.id);
    assert.match(second?.cause ?? '', /^Still not answered/);
  });
});

describe('an answer', () => {
  it('is sent once, however often and by however many it is given', async () => {
    const { ref, gatewayRef, orderId } = await paid();
    const key = bank.say(ref, { gatewayRef });
    await disputes.refresh(key);
    const { id } = await disputeOf(ref);
    const given = { response: 'evidence', evidence: EVIDENCE, actor: 'ada' } as const;
    await Promise.all([disputes.prepare(id, given), disputes.prepare(id, { ...given, actor: 'bob' })]);
    await disputes.sendAnswer(key);
    await disputes.sendAnswer(key);
    assert.deepEqual(bank.keys, [`${id}/evidence/1`]);
    const dispute = await disputeOf(ref);
    assert.equal(dispute.status, 'under_review');
    assert.ok(dispute.respondedAt);
    assert.deepEqual(dispute.evidence, EVIDENCE);
    assert.equal(await openIncident(id), undefined);
    assert.deepEqual(await holdsOf(orderId), [id]);
    assert.equal((await disputes.prepare(id, given)).status, 'under_review');
    const audit = await database.rows(ephemeral('SELECT 1 FROM audit_log WHERE subject_id = $1'), [id]);
    assert.equal(audit.length, 1);
  });

  it('that differs from the one that was given is refused', async () => {
    const { ref, gatewayRef } = await paid();
    await disputes.refresh(bank.say(ref, { gatewayRef }));
    const { id } = await disputeOf(ref);
    await disputes.prepare(id, { response: 'evidence', evidence: EVIDENCE, actor: 'ada' });
    await assert.rejects(disputes.prepare(id, { response: 'accept', evidence: null, actor: 'bob' }), code('CONFLICT'));
    const other = { explanation: 'Something else' };
    await assert.rejects(disputes.prepare(id, { response: 'evidence', evidence: other, actor: 'bob' }), code('CONFLICT'));
  });

  it('whose confirmation is lost is read back, not sent again', async () => {
    const { ref, gatewayRef } = await paid();
    const key = bank.say(ref, { gatewayRef });
    await disputes.refresh(key);
    bank.faults.push({ when: 'after', error: new GatewayError('ambiguous', 'no answer') });
    await assert.rejects(answered(ref), GatewayError);
    assert.equal((await disputeOf(ref)).respondedAt, null);
    await disputes.sendAnswer(key);
    assert.ok((await disputeOf(ref)).respondedAt);
    assert.equal(bank.keys.length, 1);
  });

  it('that is refused makes room for another one under a fresh key', async () => {
    const { ref, gatewayRef } = await paid();
    await disputes.refresh(bank.say(ref, { gatewayRef }));
    const { id } = await disputeOf(ref);
    bank.faults.push({ when: 'before', error: new GatewayError('rejected', 'The evidence is too long') });
    await assert.rejects(answered(ref), code('GATEWAY_REJECTED'));
    await assert.rejects(disputes.sendAnswer({ gateway: 'stripe', disputeRef: ref }), code('GATEWAY_REJECTED'));
    assert.ok(await openIncident(id));
    await answered(ref);
    assert.deepEqual(bank.keys, [`${id}/evidence/1`, `${id}/evidence/2`]);
  });

  it('with a stored failure counts when the bank has it all the same', async () => {
    const { ref, gatewayRef } = await paid();
    await disputes.refresh(bank.say(ref, { gatewayRef }));
    bank.faults.push({ when: 'after', error: new GatewayError('ambiguous', 'a stored 500', { replayed: true }) });
    await answered(ref);
    assert.ok((await disputeOf(ref)).respondedAt);
  });

  it('comes too late when the bank has decided, and does not count as given', async () => {
    const { ref, gatewayRef } = await paid();
    await disputes.refresh(bank.say(ref, { gatewayRef }));
    const { id } = await disputeOf(ref);
    await disputes.prepare(id, { response: 'evidence', evidence: EVIDENCE, actor: 'ada' });
    bank.say(ref, { status: 'lost' });
    await assert.rejects(disputes.sendAnswer({ gateway: 'stripe', disputeRef: ref }), code('INVALID_TRANSITION'));
    const dispute = await disputeOf(ref);
    assert.deepEqual([dispute.status, dispute.response, dispute.respondedAt], ['lost', null, null]);
    assert.deepEqual(bank.keys, []);
    await assert.rejects(disputes.prepare(id, { response: 'accept', evidence: null, actor: 'ada' }), code('INVALID_TRANSITION'));
  });

  it('to an inquiry is not the answer to the chargeback that it becomes', async () => {
    const { ref, gatewayRef } = await paid();
    const key = bank.say(ref, { gatewayRef, status: 'inquiry' });
    await disputes.refresh(key);
    await answered(ref);
    const { id } = await disputeOf(ref);
    bank.say(ref, { status: 'needs_response' });
    await disputes.refresh(key);
    const asked = await disputeOf(ref);
    assert.deepEqual([asked.response, asked.evidence, asked.respondedAt], [null, null, null]);
    assert.ok(await openIncident(id));
    await answered(ref, 'accept');
    assert.deepEqual(bank.keys, [`${id}/evidence/1`, `${id}/accept/2`]);
    assert.equal((await disputeOf(ref)).status, 'lost');
  });

  it('to a dispute that nobody knows is refused', async () => {
    const given = { response: 'accept', evidence: null, actor: 'ada' } as const;
    await assert.rejects(disputes.prepare(newId('dispute'), given), code('NOT_FOUND'));
  });
});
