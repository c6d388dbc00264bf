import { createHash, createHmac, randomBytes } from 'node:crypto';

/** A new unguessable cart token: 192 random bits. */
export const newCartToken = (): string => randomBytes(24).toString('base64url');

/** What is stored of a token. */
export const hashCartToken = (token: string): Uint8Array => createHash('sha256').update(token).digest();

/** A keyed hash that stands for personal data in counts and workflow inputs: equal for equal values, useless without the secret. */
export type KeyedHash = (kind: 'email' | 'address' | 'network' | 'card' | 'gift_card' | 'gift_card_code' | 'collection' | 'visitor', value: string) => string;

/** Keyed hashes under the application's secret. */
export const createKeyedHash =
  (secret: string): KeyedHash =>
  (kind, value) =>
    createHmac('sha256', secret).update(`${kind}:${value}`).digest('base64url').slice(0, 32);
