import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { PaymentVault, SavedMethodToken } from '../../../domain/payments/vault.ts';
import { AMOUNT, gatewayError, resolveMethod, type Bench } from './target.ts';

let count = 0;
const fresh = (): string => `${Date.now()}${++count}`;

export function vaulting(bench: Bench): void {
  const customerOf = async (vault: PaymentVault): Promise<string> => {
    const n = fresh();
    return (await vault.createCustomer({ key: `cust_${n}/create`, customerId: `cust_${n}` })).customerRef;
  };

  async function saved(vault: PaymentVault): Promise<SavedMethodToken> {
    const { methods, approveSetup } = bench.target();
    const customerRef = await customerOf(vault);
    const paymentMethod = methods.saves ?? (await resolveMethod(methods.pays));
    const request = { key: `setup/${fresh()}`, customerRef, paymentMethod, returnUrl: 'https://shop.example/methods' };
    let setup = await vault.setup(request);
    if (setup.state === 'requires_action') {
      assert.ok(approveSetup, 'the target lets customers approve');
      assert.ok(setup.action.url ?? setup.action.clientSecret);
      await approveSetup(setup);
      setup = await vault.retrieveSetup(setup.setupRef);
    }
    assert.equal(setup.state, 'saved');
    return setup.method;
  }

  it('has one customer for one key', async (t) => {
    const { vault } = bench.target().gateway;
    if (!vault) return t.skip('has no vault');
    const request = { key: `cust_${fresh()}/create`, customerId: 'cust_1' };
    assert.deepEqual(await vault.createCustomer(request), await vault.createCustomer(request));
    assert.notEqual(await customerOf(vault), await customerOf(vault));
  });

  it('saves a method and pays with it while nobody is there', async (t) => {
    const { gateway, ledger } = bench.target();
    if (!gateway.vault) return t.skip('has no vault');
    const { token, customerRef, details } = await saved(gateway.vault);
    assert.ok(details.kind);
    for (const captureMethod of ['manual', 'automatic'] as const) {
      const asked = await bench.request({ paymentMethod: token, customerRef, offSession: true, captureMethod });
      const payment = await gateway.authorize(asked);
      assert.equal(payment.state, captureMethod === 'manual' ? 'authorized' : 'captured');
      const captured = captureMethod === 'manual' ? 0 : AMOUNT;
      assert.deepEqual(await ledger(asked.reference.paymentId), { payments: 1, captured, refunded: 0 });
    }
  });

  it('tells a saved setup again', async (t) => {
    const { vault } = bench.target().gateway;
    if (!vault) return t.skip('has no vault');
    const { methods, approveSetup } = bench.target();
    const customerRef = await customerOf(vault);
    const paymentMethod = methods.saves ?? (await resolveMethod(methods.pays));
    const request = { key: `setup/${fresh()}`, customerRef, paymentMethod, returnUrl: 'https://shop.example/methods' };
    const first = await vault.setup(request);
    assert.notEqual(first.state, 'failed');
    if (first.state === 'requires_action') await approveSetup?.(first);
    const again = await vault.setup(request);
    assert.ok(first.state !== 'failed' && again.state !== 'failed');
    assert.equal(again.setupRef, first.setupRef);
    const one = await vault.retrieveSetup(first.setupRef);
    assert.equal(one.state, 'saved');
    assert.deepEqual(await vault.retrieveSetup(first.setupRef), one);
  });

  it('keeps the method of a payment, and pays with it again', async (t) => {
    const { gateway } = bench.target();
    if (!gateway.vault) return t.skip('has no vault');
    const customerRef = await customerOf(gateway.vault);
    const asked = await bench.request({ customerRef, saveMethod: true, captureMethod: 'automatic' });
    const { gatewayRef } = await bench.pay(asked);
    const { savedMethod } = await gateway.retrieve(gatewayRef);
    assert.ok(savedMethod, 'the payment names the saved method');
    const { token: paymentMethod, customerRef: owner } = savedMethod;
    const again = await bench.request({ paymentMethod, customerRef: owner, offSession: true, captureMethod: 'automatic' });
    assert.equal((await gateway.authorize(again)).state, 'captured');
  });

  it('removes a method, and again without harm', async (t) => {
    const { gateway } = bench.target();
    if (!gateway.vault) return t.skip('has no vault');
    const { token, customerRef } = await saved(gateway.vault);
    await gateway.vault.remove({ token, customerRef });
    await gateway.vault.remove({ token, customerRef });
    const asked = await bench.request({ paymentMethod: token, customerRef, offSession: true });
    const payment = await gateway.authorize(asked).catch((error: unknown) => gatewayError('rejected')(error));
    if (typeof payment === 'object') assert.equal(payment.state, 'failed');
  });
}
