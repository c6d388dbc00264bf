import type { Page, PageRequest } from '../shared/page.ts';
import type { Incident } from './incident.ts';

/** What operators do with incidents. */
export interface IncidentService {
  /** Newest first. */
  list(page: PageRequest, filter: { open?: boolean; orderId?: string }): Promise<Page<Incident>>;
  /** Closes an open incident and writes who did. Raises NOT_FOUND. */
  resolve(id: string, resolution: { resolution: string; actor: string }): Promise<Incident>;
}
