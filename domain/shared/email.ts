import { cardNumberRefused } from './card-data.ts';
import { containsCardNumber } from './card-number.ts';
import { invalid } from './errors.ts';

const MAX_LENGTH = 254;

/** Up to 64 characters without spaces, controls and the marks that only quoting allows; dots between, never doubled. */
const LOCAL_PART = /^(?!\.)(?!.*\.\.)(?!.*\.$)[^\s\p{C}@<>()[\]\\,;:"]{1,64}$/u;

/** Letters (of any script), digits and inner hyphens. */
const LABEL = /^(?!-)(?!.*-$)[\p{L}\p{M}\p{N}-]{1,63}$/u;

const TOP_LEVEL = /^(?:\p{L}[\p{L}\p{M}]+|xn--[a-z0-9-]+)$/u;

function isDomain(domain: string): boolean {
  const labels = domain.split('.');
  return labels.length >= 2 && labels.every((label) => LABEL.test(label)) && TOP_LEVEL.test(labels.at(-1) ?? '');
}

/**
 * Trims an e-mail address and lower-cases its domain; the part before the @ is the mailbox owner's and kept as written.
 * Throws `INVALID_INPUT` naming `field` when it cannot be an address.
 */
export function normalizeEmail(value: string, field: string): string {
  const email = value.trim();
  if (email === '') throw invalid(field, 'Must not be empty');
  if (email.length > MAX_LENGTH) throw invalid(field, `Must have at most ${MAX_LENGTH} characters`);
  if (containsCardNumber(email)) throw cardNumberRefused(field);
  const [local = '', domain = '', ...more] = email.split('@');
  if (more.length > 0 || !LOCAL_PART.test(local) || !isDomain(domain.toLowerCase())) {
    throw invalid(field, 'Must be an e-mail address such as name@example.com');
  }
  return `${local}@${domain.toLowerCase()}`;
}
