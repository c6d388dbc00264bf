import { randomUUID } from 'node:crypto';

/** A random id in Stripe's manner: `pi_` and 24 characters. */
export const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`;

/** The present time in Unix seconds. */
export const unixNow = (): number => Math.floor(Date.now() / 1000);
