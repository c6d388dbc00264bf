import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineTransitions } from './state-machine.ts';

const door = defineTransitions('door', { open: ['closed'], closed: ['open', 'locked'], locked: [] });

describe('defineTransitions', () => {
  it('knows its states, what may follow, and where it ends', () => {
    assert.deepEqual(door.states, ['open', 'closed', 'locked']);
    assert.deepEqual(
      door.states.filter((state) => door.canTransition('closed', state)),
      ['open', 'locked'],
    );
    assert.deepEqual(door.states.filter(door.isTerminal), ['locked']);
  });

  it('refuses a transition that is not listed, and says which', () => {
    door.assertTransition('closed', 'locked');
    assert.throws(() => door.assertTransition('locked', 'open'), {
      code: 'INVALID_TRANSITION',
      message: 'The door is locked and cannot become open',
    });
  });
});
