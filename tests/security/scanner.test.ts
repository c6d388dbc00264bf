import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCardNumbers } from '../../domain/shared/card-number.ts';
import { findFed, textsIn } from './scanner.ts';
import { TestNumbers } from './test-numbers.ts';

const numbers = new TestNumbers();
const planted = Array.from({ length: 200 }, (_, i) => numbers.next(`place ${i}`));

test('the test numbers are card numbers, all different', () => {
  assert.equal(new Set(planted).size, planted.length);
  for (const number of planted) assert.deepEqual(findCardNumbers(number), [number]);
});

test('finds a planted number in every disguise', () => {
  for (const [i, number] of planted.entries()) {
    const grouped = (number.match(/\d{1,4}/g) ?? []).join(' ');
    const disguises = [
      number,
      grouped,
      `id_${number}${i}`,
      JSON.stringify({ a: { b: [grouped] } }),
      encodeURIComponent(grouped),
      number.replace(/^\d/, (digit) => `\\u003${digit}`),
      Buffer.from(JSON.stringify({ number })).toString('base64'),
      [...number].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join(''),
      [...number].map((digit) => String.fromCodePoint(0x0660 + Number(digit))).join('-'),
      textsIn({ data: new TextEncoder().encode(grouped) }).join('\n'),
      textsIn({ [number]: 1 }).join('\n'),
    ];
    for (const text of disguises) {
      assert.deepEqual(
        findFed('here', `before ${text} after`, numbers.fed),
        [{ source: 'here', number, fedAt: `place ${i}` }],
        text,
      );
    }
  }
});

test('finds nothing where there is none, or only what may be shown', () => {
  const [number = ''] = planted;
  for (const text of [
    '',
    `${number.slice(0, 6)}******${number.slice(-4)}`,
    '2026-11-23T10:15:00.000Z 1795429534123',
    number.slice(0, -1),
  ]) {
    assert.deepEqual(findFed('here', text, numbers.fed), []);
  }
});
