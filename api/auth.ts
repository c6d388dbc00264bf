import { createHash, timingSafeEqual } from 'node:crypto';
import { DomainError } from '../domain/shared/errors.ts';

/** Refuses whoever does not know the admin API's key. Raises UNAUTHENTICATED. */
export type AdminGuard = (authorization: string | undefined) => void;

const digest = (value: string): Buffer => createHash('sha256').update(value).digest();

/** The one place that knows the key: `Authorization: Bearer <key>`, compared in constant time. Without a key nobody enters. */
export function createAdminGuard(adminApiKey: string | undefined): AdminGuard {
  const expected = adminApiKey === undefined ? undefined : digest(adminApiKey);
  return (authorization) => {
    const [, presented] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (presented === undefined) {
      throw new DomainError('UNAUTHENTICATED', 'Send the admin API key: Authorization: Bearer <key>', 'Authorization');
    }
    if (!expected || !timingSafeEqual(digest(presented), expected)) {
      throw new DomainError('UNAUTHENTICATED', 'The admin API key is wrong', 'Authorization');
    }
  };
}
