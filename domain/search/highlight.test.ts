import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { highlight } from './highlight.ts';
import { NO_VOCABULARY, searchTerms } from './search-terms.ts';

const shown = (text: string, query: string): string | undefined => highlight(text, searchTerms(query, NO_VOCABULARY));

describe('highlights', () => {
  it('mark the words that were looked for, in whichever form and spelling', () => {
    assert.equal(shown('Travel Mug', 'travel'), '<em>Travel</em> Mug');
    assert.equal(shown('Jackets for rain', 'jacket'), '<em>Jackets</em> for rain');
    assert.equal(shown('Crème brûlée dish', 'creme brulee'), '<em>Crème</em> <em>brûlée</em> dish');
    assert.equal(shown('A mug', 'kettle'), undefined);
  });

  it('mark what means the same', () => {
    const terms = searchTerms('sofa', { ...NO_VOCABULARY, synonyms: new Map([['sofa', ['settee', 'love seat']]]) });
    assert.equal(highlight('A small settee', terms), 'A small <em>settee</em>');
    assert.equal(highlight('Love seat', terms), '<em>Love</em> <em>seat</em>');
  });

  it('show a part of a long text, from a little before the first', () => {
    const text = `${'one two three four five six seven '.repeat(20)}kettle ${'eight nine ten '.repeat(40)}`;
    const part = shown(text, 'kettle') ?? '';
    assert.match(part, /^… .*<em>kettle<\/em>.* …$/);
    assert.ok(part.length < 220);
  });

  it('are harmless in a page, whatever the text', () => {
    assert.equal(shown('<b>Desserts</b> & "more"', 'desserts'), '&lt;b&gt;<em>Desserts</em>&lt;/b&gt; &amp; &quot;more&quot;');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), fc.string({ maxLength: 20 }), (text, query) => {
        assert.doesNotMatch((shown(`<i>${text}</i> ${query}`, query) ?? '').replaceAll(/<\/?em>/g, ''), /[<>]/);
      }),
    );
  });
});
