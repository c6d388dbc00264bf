import type { Currency } from '../shared/money.ts';
import type { PaymentReference } from './gateway.ts';

/**
 * - `authorization`: an open authorization or a payment that the customer has finished; no money moved yet
 * - `capture`, `refund`: money moved · `refund_failed`: a refund came back · `dispute`, `dispute_won`: taken by, given back by a bank
 */
export type MovementKind = 'authorization' | 'capture' | 'refund' | 'refund_failed' | 'dispute' | 'dispute_won';

/** One line of a gateway's ledger. */
export interface GatewayMovement {
  /** The gateway's id of the movement, unique at the gateway together with the kind. */
  readonly id: string;
  readonly kind: MovementKind;
  /** The gateway's id of the payment, when the ledger names it. */
  readonly gatewayRef?: string;
  /** The capture that a refund or dispute is of, when the ledger names it. */
  readonly captureRef?: string;
  /** Minor units, never negative: the kind tells the direction. */
  readonly amount: number;
  readonly currency: Currency;
  readonly occurredAt: Date;
  /** The idempotency key that we gave it, when the gateway keeps it. */
  readonly key?: string;
  readonly reference?: PaymentReference;
}

export interface MovementPage {
  readonly movements: readonly GatewayMovement[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}
