import { DomainError } from './errors.ts';

/** Which states of a thing may follow which. */
export interface Transitions<State extends string> {
  readonly states: readonly State[];
  canTransition(from: State, to: State): boolean;
  /** Throws `INVALID_TRANSITION` when `to` may not follow `from`. Staying in a state is no transition unless it is listed. */
  assertTransition(from: State, to: State): void;
  /** Whether nothing may follow this state. */
  isTerminal(state: State): boolean;
}

/**
 * Defines the life of a thing.
 * @param thing its name in error messages: `order`
 * @param next for each state, the states that may follow
 */
export function defineTransitions<State extends string>(
  thing: string,
  next: Readonly<Record<State, readonly NoInfer<State>[]>>,
): Transitions<State> {
  const canTransition = (from: State, to: State): boolean => next[from].includes(to);
  return {
    states: Object.keys(next) as State[],
    canTransition,
    assertTransition(from, to) {
      if (canTransition(from, to)) return;
      throw new DomainError('INVALID_TRANSITION', `The ${thing} is ${from} and cannot become ${to}`);
    },
    isTerminal: (state) => next[state].length === 0,
  };
}
