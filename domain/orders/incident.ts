import type { IncidentAction } from '../payments/incident-action.ts';
import type { Page, PageRequest } from '../shared/page.ts';

/** What the system could not mend by itself: a person must see it. */
export interface Incident extends IncidentFacts {
  readonly id: string;
  readonly kind: IncidentKind;
  readonly subjectId: string;
  readonly cause: string;
  /** What a person should do. */
  readonly nextAction: string;
  readonly createdAt: Date;
  readonly resolvedAt: Date | null;
  readonly resolution: string | null;
  /** What an operator can have done about it; empty: nothing but closing it. */
  readonly actions: readonly IncidentAction[];
  /** What an operator chose to have done; open incidents with one are being worked on. */
  readonly action: IncidentAction | null;
  /** How often something was done about it, when last, and what went wrong then. */
  readonly attempts: number;
  readonly lastAttemptAt: Date | null;
  readonly lastError: string | null;
}

/** The money that an incident is about. */
export interface IncidentFacts {
  readonly gateway: string | null;
  /** The gateway's id of the payment. */
  readonly paymentRef: string | null;
  readonly paymentId: string | null;
  readonly orderId: string | null;
  /** Minor units. */
  readonly amount: number | null;
  readonly currency: string | null;
}

export const INCIDENT_KINDS = [
  'capture_failed',
  'money_not_returned',
  'unknown_payment',
  'refund_failed',
  'authorization_expiring',
  'authorization_lost',
  'payment_mismatch',
  'missing_at_gateway',
  'operation_stuck',
  'dispute_needs_response',
  'fulfillment_stuck',
  'fulfillment_refused',
  'notification_failed',
  'balance_unpaid',
  'return_undecided',
  'return_uninspected',
  'return_label_missing',
  'return_overdue',
] as const;

export type IncidentKind = (typeof INCIDENT_KINDS)[number];

export type NewIncident = Pick<Incident, 'kind' | 'subjectId' | 'cause' | 'nextAction'> &
  Partial<IncidentFacts> & {
    /** Absent: what the kind allows. */
    readonly actions?: readonly IncidentAction[];
  };

/** Where incidents are kept. */
export interface IncidentStore {
  /**
   * Raises the incident unless one of the kind is open for the subject, or was closed later than `unlessClosedSince`. True when
   * it was raised; one that is open is told the new cause.
   */
  raise(id: string, incident: NewIncident, options?: { unlessClosedSince?: Date }): Promise<boolean>;
  get(id: string): Promise<Incident | undefined>;
  /** The open incident of the kind about the subject. */
  findOpen(kind: IncidentKind, subjectId: string): Promise<Incident | undefined>;
  /** Locks the incident until the transaction ends. */
  lock(id: string): Promise<Incident | undefined>;
  list(page: PageRequest, filter: { open?: boolean; kind?: IncidentKind; orderId?: string }): Promise<Page<Incident>>;
  /** Notes what an operator has done about an open incident, and for which order, and counts it. */
  claim(id: string, action: IncidentAction, orderId?: string): Promise<void>;
  /** It was of no use: the incident stays open for another action. */
  release(id: string, error: string): Promise<void>;
  /** Undefined when there is no such open incident. */
  resolve(id: string, resolution: string): Promise<Incident | undefined>;
}
