import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvLine } from './csv.ts';

test('cells are quoted when they must be, and never a formula', () => {
  assert.equal(csvLine(['a', 1, -2]), 'a,1,-2\r\n');
  assert.equal(csvLine(['say "hi"', 'a,b', 'two\nlines']), '"say ""hi""","a,b","two\nlines"\r\n');
  assert.equal(csvLine(['=1+1', '+1', '-1', '@SUM(A1)', '\tx']), `'=1+1,'+1,'-1,'@SUM(A1),'\tx\r\n`);
});
