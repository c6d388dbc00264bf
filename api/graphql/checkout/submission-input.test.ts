import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainError } from '../../../domain/shared/errors.ts';
import { parseSubmission } from './submission-input.ts';

const input = { cartToken: 'token', paymentMethod: 'pm_card_visa' };

const refusal = (changes: object): DomainError => {
  try {
    parseSubmission({ ...input, ...changes });
  } catch (error) {
    assert.ok(error instanceof DomainError);
    return error;
  }
  throw new assert.AssertionError({ message: `${JSON.stringify(changes)} was accepted` });
};

test('keeps what was given and nothing else', () => {
  const expectedTotal = { amount: 1999, currency: 'EUR' };
  assert.deepEqual(parseSubmission(input), { paymentMethod: 'pm_card_visa' });
  assert.deepEqual(
    parseSubmission({ ...input, version: 3, expectedTotal, returnUrl: 'https://shop.example/back?a=1' }),
    { paymentMethod: 'pm_card_visa', cartVersion: 3, expectedTotal, returnUrl: 'https://shop.example/back?a=1' },
  );
});

test('a card number is refused however it is written, and never repeated', () => {
  const written = ['4242424242424242', '4242 4242 4242 4242', '4242-4242-4242-4242', '378282246310005', ' 4242.4242.42424242 '];
  for (const number of written) {
    const error = refusal({ paymentMethod: number });
    assert.equal(error.field, 'paymentMethod');
    assert.match(error.message, /never a card number/);
    assert.doesNotMatch(error.message, /4242|3782/);
  }
});

test('bad input names its field', () => {
  assert.equal(refusal({ paymentMethod: '' }).field, 'paymentMethod');
  assert.equal(refusal({ paymentMethod: 'pm card' }).field, 'paymentMethod');
  assert.equal(refusal({ paymentMethod: 'p'.repeat(201) }).field, 'paymentMethod');
  assert.equal(refusal({ expectedTotal: { amount: -1, currency: 'EUR' } }).field, 'expectedTotal.amount');
  assert.equal(refusal({ expectedTotal: { amount: 1, currency: 'euro' } }).field, 'expectedTotal.currency');
  const long = `https://shop.example/${'x'.repeat(2000)}`;
  for (const returnUrl of ['', '/back', 'javascript:alert(1)', 'ftp://shop.example', 'https://user:pass@shop.example', long]) {
    assert.equal(refusal({ returnUrl }).field, 'returnUrl', returnUrl);
  }
});
