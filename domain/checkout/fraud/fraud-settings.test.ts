import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_FRAUD_SETTINGS } from './fraud-rules.ts';
import { fraudSettings } from './fraud-settings.ts';

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
