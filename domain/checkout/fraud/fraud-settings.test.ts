import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_FRAUD_SETTINGS } from './fraud-rules.ts';
import { fraudSettings, parseRuleSetSettings } from './fraud-settings.ts';

describe('fraudSettings', () => {
  it('completes what the store has set', () => {
    assert.deepEqual(fraudSettings({}), { ...DEFAULT_FRAUD_SETTINGS, weights: {}, disabled: [] });
    assert.deepEqual(fraudSettings({ reviewAt: 20, weights: { gateway_risk: 60 }, disabled: ['card_velocity'] }), {
      reviewAt: 20,
      rejectAt: DEFAULT_FRAUD_SETTINGS.rejectAt,
      weights: { gateway_risk: 60 },
      disabled: ['card_velocity'],
    });
  });

  it('names the setting that cannot be used', () => {
    const wrong: [Record<string, unknown>, string][] = [
      [{ reviewAt: '50' }, 'reviewAt'],
      [{ rejectAt: -1 }, 'rejectAt'],
      [{ reviewAt: 90, rejectAt: 80 }, 'reviewAt'],
      [{ weights: [] }, 'weights'],
      [{ weights: { no_such_rule: 1 } }, 'weights'],
      [{ weights: { gateway_risk: 0.5 } }, 'weights.gateway_risk'],
      [{ disabled: 'card_velocity' }, 'disabled'],
      [{ disabled: ['no_such_rule'] }, 'disabled'],
    ];
    for (const [settings, field] of wrong) {
      assert.throws(() => fraudSettings(settings), { code: 'INVALID_INPUT', field }, JSON.stringify(settings));
    }
  });
});

describe('parseRuleSetSettings', () => {
  const rule = { name: 'abroad', label: 'Card from abroad', weight: 30, when: { fact: 'card.country', op: '!=', value: 'DE' } };

  it('takes thresholds, weights, rules and what a chargeback blocks', () => {
    const settings = parseRuleSetSettings({ reviewAt: 40, customRules: [rule], blockOnChargeback: ['card'] });
    assert.deepEqual(settings, {
      reviewAt: 40,
      rejectAt: 80,
      weights: {},
      disabled: [],
      customRules: [rule],
      blockOnChargeback: ['card'],
    });
  });

  it('refuses what it does not know, and what is too much', () => {
    const { label: _label, ...unlabelled } = rule;
    const wrong: [unknown, string][] = [
      [[], 'settings'],
      [{ reviewat: 1 }, 'reviewat'],
      [{ reviewAt: 100_001 }, 'reviewAt'],
      [{ weights: { gateway_risk: 1_001 } }, 'weights.gateway_risk'],
      [{ customRules: {} }, 'customRules'],
      [{ customRules: Array.from({ length: 51 }, (_, index) => ({ ...rule, name: `rule_${index}` })) }, 'customRules'],
      [{ customRules: [rule, rule] }, 'customRules.1.name'],
      [{ customRules: [{ ...rule, name: 'Abroad' }] }, 'customRules.0.name'],
      [{ customRules: [unlabelled] }, 'customRules.0.label'],
      [{ customRules: [{ ...rule, label: 'two\nlines' }] }, 'customRules.0.label'],
      [{ customRules: [{ ...rule, label: 'Card 4242 4242 4242 4242' }] }, 'customRules.0.label'],
      [{ customRules: [{ ...rule, weight: 0 }] }, 'customRules.0.weight'],
      [{ customRules: [{ ...rule, run: 'code' }] }, 'customRules.0.run'],
      [{ customRules: [{ ...rule, when: { fact: 'email', op: '=', value: 'x' } }] }, 'customRules.0.when.fact'],
      [{ blockOnChargeback: ['network'] }, 'blockOnChargeback'],
    ];
    for (const [settings, field] of wrong)
      assert.throws(() => parseRuleSetSettings(settings), { code: 'INVALID_INPUT', field }, JSON.stringify(settings));
  });

  it('keeps the whole of a version within bounds', () => {
    const values = Array.from({ length: 250 }, (_, index) => `${'x'.repeat(200)}${index}.example`);
    const big = { ...rule, when: { any: Array.from({ length: 5 }, () => ({ fact: 'email.domain', op: 'in', value: values })) } };
    assert.throws(() => parseRuleSetSettings({ customRules: [big] }), { code: 'INVALID_INPUT', field: 'settings' });
  });
});
