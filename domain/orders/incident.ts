import type { Page, PageRequest } from '../shared/page.ts';

/** What the system could not mend by itself: a person must see it. */
export interface Incident {
  readonly id: string;
  readonly kind: IncidentKind;
  readonly subjectId: string;
  readonly cause: string;
  /** What a person should do. */
  readonly nextAction: string;
  readonly createdAt: Date;
  readonly resolvedAt: Date | null;
  readonly resolution: string | null;
}

export const INCIDENT_KINDS = ['capture_failed', 'money_not_returned', 'unknown_payment'] as const;

export type IncidentKind = (typeof INCIDENT_KINDS)[number];

export type NewIncident = Pick<Incident, 'kind' | 'subjectId' | 'cause' | 'nextAction'>;

/** Where incidents are kept. */
export interface IncidentStore {
  /** Raises the incident unless one of the kind is open for the subject. */
  raise(id: string, incident: NewIncident): Promise<void>;
  list(page: PageRequest, filter: { open?: boolean }): Promise<Page<Incident>>;
  /** Undefined when there is no such open incident. */
  resolve(id: string, resolution: string): Promise<Incident | undefined>;
}
