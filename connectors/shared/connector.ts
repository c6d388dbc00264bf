import type { DeadMessage, InboxCounts } from './inbox.ts';

/** Something that runs until it is closed. */
export interface Connector {
  /** Webhooks of the store go to `/store` below it. */
  readonly url: string;
  status(): InboxCounts;
  dead(): DeadMessage[];
  close(): Promise<void>;
}
