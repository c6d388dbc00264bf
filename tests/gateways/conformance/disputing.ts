import assert from 'node:assert/strict';
import { it } from 'node:test';
import { AMOUNT, gatewayError, type Bench } from './target.ts';

const EVIDENCE = {
  explanation: 'The parcel was handed over to the customer.',
  trackingNumber: '1Z999AA10123456784',
  carrier: 'UPS',
  shippedOn: '2026-01-15',
};

export function disputing(bench: Bench): void {
  it('tells a dispute with the payment that it is about', async (t) => {
    const { gateway, openDispute } = bench.target();
    if (!gateway.disputes || !openDispute) return t.skip('has no disputes');
    const { payment } = await bench.paid();
    const ref = await openDispute(payment);
    const dispute = await gateway.disputes.retrieve(ref);
    assert.deepEqual([dispute.ref, dispute.amount, dispute.currency], [ref, AMOUNT, 'EUR']);
    assert.ok(dispute.status === 'needs_response' || dispute.status === 'inquiry', dispute.status);
    assert.ok(dispute.reason);
    const known =
      dispute.gatewayRef === payment.gatewayRef || payment.captures.some(({ ref: capture }) => capture === dispute.captureRef);
    assert.ok(known, 'it names the payment or the capture');
    await assert.rejects(gateway.disputes.retrieve('unknown_dispute'), gatewayError('rejected'));
  });

  it('is answered with evidence, once', async (t) => {
    const { gateway, openDispute } = bench.target();
    if (!gateway.disputes || !openDispute) return t.skip('has no disputes');
    const { asked, payment } = await bench.paid();
    const ref = await openDispute(payment);
    const request = { key: `${asked.key}/evidence`, ref, evidence: EVIDENCE };
    const answered = await gateway.disputes.respond(request);
    assert.ok(['under_review', 'won', 'inquiry'].includes(answered.status), answered.status);
    assert.equal((await gateway.disputes.respond(request)).status, answered.status);
    assert.equal((await gateway.disputes.retrieve(ref)).status, answered.status);
  });

  it('is lost when it is accepted, and again without harm', async (t) => {
    const { gateway, openDispute } = bench.target();
    if (!gateway.disputes || !openDispute) return t.skip('has no disputes');
    const { asked, payment } = await bench.paid();
    const ref = await openDispute(payment);
    const request = { key: `${asked.key}/accept`, ref };
    assert.equal((await gateway.disputes.accept(request)).status, 'lost');
    assert.equal((await gateway.disputes.accept(request)).status, 'lost');
    assert.equal((await gateway.disputes.retrieve(ref)).status, 'lost');
  });
}
