import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { WHOLE_CATALOG, type Audience } from '../catalog/audience.ts';
import { applyRules, checkRule, hiddenEverywhere, type NewSearchRule, type RuleActions, type RuleCondition, type SearchRule, type SearchSituation } from './search-rule.ts';

const NO_ACTIONS: RuleActions = { pins: [], adjustments: [], hidden: [], redirectUrl: null, banner: null };
const product = (place: number): string => `prod_${String(place).padStart(26, '0')}`;
/** It says nothing, but for this. */
const when = (change: Partial<RuleCondition> = {}): RuleCondition => ({ query: null, categories: [], segments: [], channelIds: [], locales: [], groupIds: [], ...change });
const rule = (id: string, change: Partial<SearchRule> = {}): SearchRule => ({
  ...{ id, name: id, enabled: true, priority: 0, startsAt: null, endsAt: null, updatedAt: new Date(0) },
  condition: when(),
  actions: NO_ACTIONS,
  ...change,
});
const at = (text: string, more: Partial<SearchSituation> = {}): SearchSituation => ({ text, categories: [], segment: null, audience: WHOLE_CATALOG, language: 'english', now: new Date(1_000), ...more });
const banner = (title: string): RuleActions => ({ ...NO_ACTIONS, banner: { title, body: null, imageUrl: null, linkUrl: null } });

describe('rules', () => {
  it('apply to whole words, from their beginning until before their end', () => {
    const contains = rule('r', { condition: when({ query: { match: 'contains', phrases: ['art'] } }), startsAt: new Date(1_000), endsAt: new Date(2_000) });
    const applies = (text: string, now = 1_000): boolean => applyRules([contains], at(text, { now: new Date(now) })).rules.length === 1;
    assert.deepEqual([applies('Modern ART!'), applies('cart'), applies('arty'), applies(''), applies('art', 999), applies('art', 1_999), applies('art', 2_000)], [true, false, false, false, false, true, false]);
  });

  it('need all of what they say', () => {
    const picky = rule('r', { condition: when({ query: { match: 'exact', phrases: ['red hat'] }, categories: ['hats', 'sale'], segments: ['vip'] }) });
    const applies = (...args: Parameters<typeof at>): boolean => applyRules([picky], at(...args)).rules.length === 1;
    assert.deepEqual(
      [applies('red hat', { categories: ['sale'], segment: 'vip' }), applies('red hats', { categories: ['sale'], segment: 'vip' }), applies('red hat', { segment: 'vip' }), applies('red hat', { categories: ['hats'] })],
      [true, false, false, false],
    );
    assert.equal(applyRules([rule('r', { enabled: false })], at('')).rules.length, 0);
  });

  it('come to one place for each product and one product for each place, by the stronger', () => {
    const strength = fc.record({ priority: fc.integer({ min: -2, max: 2 }), pins: fc.array(fc.record({ productId: fc.integer({ min: 0, max: 9 }).map(product), position: fc.integer({ min: 1, max: 6 }) }), { maxLength: 5 }) });
    fc.assert(
      fc.property(fc.array(strength, { maxLength: 8 }), fc.integer({ min: 0, max: 9 }), (given, gone) => {
        const rules = given.map(({ priority, pins }, index) => rule(`r${index}`, { priority, actions: { ...NO_ACTIONS, pins } }));
        const hiding = rule('h', { priority: -9, actions: { ...NO_ACTIONS, hidden: [{ kind: 'products', ids: [product(gone)] }] } });
        const { pins, rules: applied } = applyRules([...rules, hiding], at('x'));
        assert.equal(new Set(pins.map(({ productId }) => productId)).size, pins.length);
        assert.equal(new Set(pins.map(({ position }) => position)).size, pins.length);
        assert.ok(pins.every(({ productId }) => productId !== product(gone)), 'what is hidden is not pinned');
        const wished = applied.flatMap(({ actions }) => actions.pins).find(({ productId }) => productId !== product(gone));
        assert.deepEqual([pins[0]?.productId, pins[0]?.position], [wished?.productId, wished?.position], 'the strongest has its way');
        assert.deepEqual(applied.map(({ id }) => id), [...rules, hiding].toSorted((a, b) => b.priority - a.priority || (a.id < b.id ? 1 : -1)).map(({ id }) => id));
      }),
    );
  });

  it('show the banner of the strongest that has one, and where to go of the strongest that says so', () => {
    const found = applyRules([rule('a', { actions: banner('old') }), rule('b', { actions: banner('young') }), rule('c', { priority: 3, actions: { ...NO_ACTIONS, redirectUrl: '/x' } })], at(''));
    assert.deepEqual([found.banner?.title, found.redirectUrl], ['young', '/x']);
  });

  it('are bounded together', () => {
    const adjustment = { target: { kind: 'category' as const, handle: 'c' }, factor: 2 };
    const rules = Array.from({ length: 10 }, (_, index) =>
      rule(`r${index}`, { actions: { ...NO_ACTIONS, adjustments: Array.from({ length: 50 }, () => adjustment), hidden: Array.from({ length: 50 }, () => adjustment.target), pins: Array.from({ length: 10 }, (__, place) => ({ productId: product(index * 50 + place), position: index * 10 + place + 1 })) } }),
    );
    const { pins, adjustments, hidden } = applyRules(rules, at(''));
    assert.deepEqual([pins.length, adjustments.length, hidden.length], [100, 100, 100]);
  });

  it('hide everywhere when they speak of no query, category or segment', () => {
    const hide = (id: string, condition: SearchRule['condition']) => rule(id, { condition, actions: { ...NO_ACTIONS, hidden: [{ kind: 'category', handle: id }] } });
    const rules = [hide('all', when()), hide('query', when({ query: { match: 'contains', phrases: ['x'] } })), hide('category', when({ categories: ['c'] })), hide('segment', when({ segments: ['s'] })), hide('shop', when({ channelIds: ['ch1'] }))];
    const hidden = (audience: Audience) => hiddenEverywhere(rules, { audience, language: 'english', now: new Date() }).map((target) => target.kind === 'category' && target.handle);
    assert.deepEqual([hidden(WHOLE_CATALOG), hidden({ ...WHOLE_CATALOG, channelId: 'ch1' })], [['all'], ['shop', 'all']]);
  });

  it('are for audiences: in a channel, in a language, for customers of a group', () => {
    const applies = (condition: Partial<RuleCondition>, audience: Partial<Audience>): boolean => applyRules([rule('r', { condition: when(condition) })], at('', { audience: { ...WHOLE_CATALOG, ...audience } })).rules.length === 1;
    const channel = { channelIds: ['ch1', 'ch2'] };
    assert.deepEqual([applies(channel, { channelId: 'ch2' }), applies(channel, { channelId: 'ch3' }), applies(channel, {})], [true, false, false]);
    const groups = { groupIds: ['trade', 'staff'] };
    assert.deepEqual([applies(groups, { groupIds: ['press', 'staff'] }), applies(groups, { groupIds: ['press'] }), applies(groups, { groupIds: [] }), applies(groups, {})], [true, false, false, false]);
    const german = { locales: ['de', 'de-CH'] };
    assert.deepEqual([applies(german, { locale: 'de-CH' }), applies(german, { locale: 'de-AT' }), applies(german, { locale: null })], [true, false, false]);
    assert.deepEqual([applies({ locales: ['en-GB'] }, { locale: null }), applies({ locales: ['en-GB'] }, { locale: 'de' })], [true, false], 'the catalog’s own words are English');
    assert.equal(applies({ ...channel, ...german }, { channelId: 'ch1', locale: 'fr' }), false, 'all of what they say');
  });
});

describe('a rule that somebody gives', () => {
  const given = (actions: Partial<RuleActions>): NewSearchRule => ({ name: 'n', enabled: true, priority: 0, startsAt: null, endsAt: null, condition: when(), actions: { ...NO_ACTIONS, ...actions } });

  it('has its phrases folded', () => {
    const checked = checkRule({ ...given(banner('x')), condition: when({ query: { match: 'exact', phrases: [' Crème  BRÛLÉE! '] } }) });
    assert.deepEqual(checked.condition.query?.phrases, ['creme brulee']);
  });

  it('leads to paths and addresses with https only', () => {
    for (const url of ['/', '/a/b?c=d#e', 'https://example.com/x']) assert.equal(checkRule(given({ redirectUrl: url })).actions.redirectUrl, url);
    for (const url of ['//evil.example', '/\\evil.example', 'https:///evil', 'http://example.com', 'javascript:alert(1)', 'https://a b', '/a\u0000', 'data:text/html,x', ''])
      assert.throws(() => checkRule(given({ redirectUrl: url })), { code: 'INVALID_INPUT', field: 'actions.redirectUrl' }, url);
  });

  it('moves scores within bounds', () => {
    const by = (factor: number) => () => checkRule(given({ adjustments: [{ target: { kind: 'category', handle: 'c' }, factor }] }));
    for (const factor of [0, -1, 0.0009, 100.1, Number.NaN, Infinity]) assert.throws(by(factor), { field: 'actions.adjustments.0.factor' });
    for (const factor of [0.001, 1, 100]) by(factor)();
  });
});
