import { randomBytes } from 'node:crypto';

const LETTERS = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const LENGTH = 17;

/** An id of PayPal's shape: 17 letters and digits. */
export const newId = (): string => Array.from(randomBytes(LENGTH), (byte) => LETTERS.charAt(byte % LETTERS.length)).join('');
