import { randomBytes } from 'node:crypto';
import { containsCardNumber } from '../domain/shared/card-number.ts';

export const REQUEST_ID_HEADER = 'x-request-id';

const ACCEPTABLE = /^[A-Za-z0-9._~:/+=-]{8,128}$/;

const POOL_BYTES = 4096;
const ID_BYTES = 16;
let pool = randomBytes(POOL_BYTES);
let used = 0;

function newRequestId(): string {
  if (used + ID_BYTES > POOL_BYTES) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  used += ID_BYTES;
  return pool.toString('hex', used - ID_BYTES, used);
}

/** The id that the caller gave, when it is fit to be logged and sent back; else a new one. */
export const requestIdOf = (header: string | string[] | undefined): string =>
  typeof header === 'string' && ACCEPTABLE.test(header) && !containsCardNumber(header) ? header : newRequestId();
