import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { containsCardNumber, findCardNumbers, looksLikeCardNumber, maskCardNumbers } from './card-number.ts';

/** Numbers that gateways and brands publish for tests. */
const PUBLISHED = [
  ...['4242424242424242', '4000056655665556', '4917610000000000003', '5555555555554444', '2223003122003222', '5105105105105100'],
  ...['378282246310005', '371449635398431', '6011111111111117', '6500000000000002', '30569309025904', '38520000023237'],
  ...['36227206271667', '3566002020360505', '6200000000000005', '6205500000000000004', '2200000000000004', '9792030000000000'],
];

const BRANDS: readonly (readonly [prefixes: readonly string[], lengths: readonly number[]])[] = [
  [['4'], [16, 19]],
  [['51', '55', '2221', '2720'], [16]],
  [['34', '37'], [15]],
  [
    ['300', '305', '3095', '36', '38', '39'],
    [14, 16, 19],
  ],
  [
    ['3528', '3589'],
    [16, 19],
  ],
  [
    ['6011', '644', '649', '65', '62'],
    [16, 17, 18, 19],
  ],
  [
    ['50', '56', '58', '67'],
    [16, 19],
  ],
  [
    ['2200', '2204', '81'],
    [16, 19],
  ],
];

/** The last digit that makes the number pass: by trying, not by the formula under test's way. */
function withCheckDigit(body: string): string {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  const sum = [...body]
    .reverse()
    .reduce((total, digit, i) => total + (i % 2 === 0 ? (doubled[Number(digit)] ?? 0) : Number(digit)), 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

const cardNumber = fc.constantFrom(...BRANDS).chain(([prefixes, lengths]) =>
  fc.tuple(fc.constantFrom(...prefixes), fc.constantFrom(...lengths)).chain(([prefix, length]) => {
    const rest = length - prefix.length - 1;
    return fc
      .string({ unit: fc.constantFrom(...'0123456789'), minLength: rest, maxLength: rest })
      .map((digits) => withCheckDigit(prefix + digits));
  }),
);

const ZEROS = [0x30, 0xff10, 0x0660, 0x06f0, 0x0966, 0x1d7d8, 0x1d7ec];
const SEPARATORS = [
  '',
  '',
  ' ',
  '-',
  '.',
  '\u00a0',
  '\u2009',
  '\u2013',
  '\u2212',
  '_',
  ' - ',
  '\u200b',
  '\u2060',
  '\u00ad',
  '\ufeff',
  '+',
  '\t',
];

/** One of the ways in which people and programs write a number. */
const spelling = (number: string): fc.Arbitrary<string> =>
  fc
    .record({
      zero: fc.constantFrom(...ZEROS),
      separator: fc.constantFrom(...SEPARATORS),
      group: fc.constantFrom(1, 2, 3, 4, 5, 6),
      keycap: fc.boolean(),
    })
    .map(({ zero, separator, group, keycap }) =>
      [...number]
        .map(
          (digit, i) =>
            (i > 0 && i % group === 0 ? separator : '') +
            String.fromCodePoint(zero + Number(digit)) +
            (keycap ? '\ufe0f\u20e3' : ''),
        )
        .join(''),
    );

const words = fc.constantFrom(
  '',
  'card ',
  'my number is ',
  'PAN:',
  'cc',
  '(',
  'https://shop.example/?n=',
  '{"number":"',
  'Zahlung mit ',
);
const ends = fc.constantFrom('', ' 12/29', ' 12/29 123', ' 123', '.', ', exp 0130', '&x=1', '"}', 'x', ' 0815');
const text = cardNumber.chain((number) =>
  fc
    .tuple(fc.constant(number), words, spelling(number), ends)
    .map(([pan, before, spelled, after]) => ({ pan, written: before + spelled + after })),
);

describe('card numbers in text', () => {
  test('every published test number is found', () => {
    for (const number of PUBLISHED) assert.deepEqual(findCardNumbers(`paid with ${number}.`), [number]);
  });

  test('every number, in every spelling, among whatever words, is found', () => {
    fc.assert(
      fc.property(text, ({ pan, written }) => {
        assert.ok(findCardNumbers(written).includes(pan), written);
        assert.ok(containsCardNumber(written));
      }),
      { numRuns: 3_000 },
    );
  });

  test('masked text has none; of a number at most the first six and the last four digits are left', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), fc.constantFrom(' ', '\n', ', ', ' and '), (texts, glue) => {
        const masked = maskCardNumbers(texts.map(({ written }) => written).join(glue));
        assert.deepEqual(findCardNumbers(masked), []);
        for (const { pan } of texts) assert.ok(!masked.includes(pan));
      }),
      { numRuns: 2_000 },
    );
    assert.equal(maskCardNumbers('pay 4242-4242-4242-4242 now'), 'pay 4242-42**-****-4242 now');
    assert.equal(maskCardNumbers('３７８２８２２４６３１０００５'), '３７８２８２*****０００５');
    assert.equal(maskCardNumbers('https://x.example/?n=4242%204242%204242%204242'), 'https://x.example/?n=4242 42** **** 4242');
  });

  test('text without one is left as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (other) => {
        fc.pre(!containsCardNumber(other));
        assert.equal(maskCardNumbers(other), other);
      }),
    );
  });

  test('one wrong digit makes it another number', () => {
    fc.assert(
      fc.property(cardNumber, fc.integer({ min: 0, max: 18 }), fc.integer({ min: 1, max: 9 }), (number, at, change) => {
        fc.pre(at < number.length);
        const wrong = [...number].map((digit, i) => (i === at ? String((Number(digit) + change) % 10) : digit)).join('');
        assert.ok(!findCardNumbers(wrong).includes(wrong));
      }),
    );
  });

  test('what shops write every day is none', () => {
    const ordinary = [
      // Phones, among them German mobile numbers, which have Visa's old 13 digits.
      ...[
        '+49 30 901820',
        '+49 1512 3456789',
        '4915112345673',
        '+1 (212) 555-0100',
        '+55 11 91234-5678',
        '0049 151 23456789',
        '+44 7700 900123',
      ],
      // Orders, invoices, tracking of the large carriers, IBAN, article numbers.
      ...[
        '#1001',
        'INV-2026-000123',
        '1Z999AA10123456784',
        '9400 1000 0000 0000 0000 00',
        '00340434161094042557',
        'DE89 3704 0044 0532 0130 00',
      ],
      ...['4006381333931', '4901234567894', '9783161484100', '5012345678900', 'GTIN 04006381333931'],
      // Times, addresses, versions, amounts.
      ...[
        '2026-11-23T10:15:00.000Z',
        '20261123101500000',
        '1795429534123',
        '1795429534123456',
        '192.168.100.200',
        '10.0.0.1:5432',
        '1.234.567,89',
        '4000 5000',
      ],
      ...['550e8400-e29b-41d4-a716-446655440000', 'pm_1NXWPnL6vV8aBcDeFgHiJkLm', 'ord_01K9ZQ4Y7M2N3P4Q5R6S7T8V9W'],
    ];
    for (const text of ordinary) assert.equal(containsCardNumber(text), false, text);
  });

  test('phone numbers of up to 13 digits never are', () => {
    const phone = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 6, maxLength: 13 });
    fc.assert(fc.property(phone, fc.constantFrom('', '+', '00 '), (digits, before) => !containsCardNumber(before + digits)));
  });

  test('random ids never are', () => {
    for (let i = 0; i < 20_000; i += 1) {
      const id = randomUUID();
      assert.ok(!containsCardNumber(id), id);
      assert.ok(!containsCardNumber(id.replaceAll('-', '')), id);
    }
    // The digits of this one, by themselves, would be a number.
    assert.equal(containsCardNumber('4242a1b2-4242-4242-4242-424242424242'.replace('4242a1b2', 'a2b14242')), false);
    assert.equal(containsCardNumber('4242-4242-4242-4242'), true);
  });
});

test('a field for tokens takes nothing that could be a card number, of whatever range', () => {
  for (const number of [
    ...PUBLISHED,
    '4222222222222',
    '4242 4242 4242 4242',
    ' 4242.4242.42424242 ',
    '５５５５５５５５５５５５４４４４',
    '1234567890123452',
  ]) {
    assert.ok(looksLikeCardNumber(number), number);
  }
  for (const other of ['4242424242424241', 'pm_4242424242424242', '42424242424', 'tok_visa', '', 'pm_card_visa']) {
    assert.equal(looksLikeCardNumber(other), false, other);
  }
});

test('long text costs little', () => {
  const hostile = [
    '4 '.repeat(100_000),
    '4242424242424241 '.repeat(10_000),
    '4'.repeat(200_000),
    '٤-'.repeat(50_000),
    '%34'.repeat(60_000),
  ];
  for (const text of hostile) {
    const started = performance.now();
    containsCardNumber(text);
    assert.ok(performance.now() - started < 2_000, text.slice(0, 20));
  }
});
