import type { Incident } from '../../../domain/orders/incident.ts';
import { DomainError } from '../../../domain/shared/errors.ts';

/** The gateway's payment that an incident is about. Raises INVALID_TRANSITION when it names none. */
export function paymentOf({ gateway, paymentRef }: Incident): { gateway: string; paymentRef: string } {
  if (gateway === null || paymentRef === null)
    throw new DomainError('INVALID_TRANSITION', 'The incident names no payment at a gateway', 'id');
  return { gateway, paymentRef };
}
