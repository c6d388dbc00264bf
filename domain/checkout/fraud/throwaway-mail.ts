import type { FraudRule } from './fraud-rule.ts';
import { THROWAWAY_MAIL_DOMAINS } from './throwaway-mail-domains.ts';

/** Whether the domain or one above it is known to hand out mailboxes that nobody owns. */
export function isThrowawayDomain(domain: string): boolean {
  const labels = domain.toLowerCase().replace(/\.$/, '').split('.');
  return labels.some((_, index) => THROWAWAY_MAIL_DOMAINS.has(labels.slice(index).join('.')));
}

export const throwawayMail: FraudRule = ({ email }) =>
  isThrowawayDomain(email.slice(email.lastIndexOf('@') + 1))
    ? { severity: 1, detail: 'The e-mail address is of a service for throw-away mailboxes' }
    : undefined;
