import { randomFillSync } from 'node:crypto';
import { encodeId, type IdGenerator } from '../domain/shared/ids.ts';

const RANDOM_BYTES = 10;
const STEP_BYTES = 5;
/** Random bytes are drawn from the system for this many ids at once. */
const POOLED_IDS = 256;

/**
 * Makes ids that sort by the moment of their making, also within one millisecond and when the clock steps back.
 * @param now milliseconds since the epoch
 */
export function createIdGenerator(now: () => number = Date.now): IdGenerator {
  const pool = new Uint8Array(RANDOM_BYTES * POOLED_IDS);
  let used = pool.length;
  const draw = (length: number): Uint8Array => {
    if (used + length > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += length;
    return pool.subarray(used - length, used);
  };

  let lastTime = -1;
  const tail = new Uint8Array(RANDOM_BYTES);

  return (kind) => {
    const time = now();
    if (time > lastTime) {
      lastTime = time;
      tail.set(draw(RANDOM_BYTES));
      // The top bit stays free, so that adding within the millisecond cannot overflow.
      tail[0] = (tail[0] ?? 0) & 0x7f;
    } else {
      addRandomStep(tail, draw(STEP_BYTES));
    }
    return encodeId(kind, lastTime, tail);
  };
}

/** Adds a random number above zero, so that the next id is greater, and no easier to guess. */
function addRandomStep(tail: Uint8Array, step: Uint8Array): void {
  let carry = 1;
  for (let i = 1; i <= RANDOM_BYTES; i += 1) {
    const at = RANDOM_BYTES - i;
    const sum = (tail[at] ?? 0) + (i <= STEP_BYTES ? (step[STEP_BYTES - i] ?? 0) : 0) + carry;
    tail[at] = sum & 0xff;
    carry = sum >> 8;
  }
}
