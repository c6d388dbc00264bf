import type { Page, PageRequest } from '../shared/page.ts';
import type { Channel } from './channel.ts';

/** A channel that is made: beside what it says of itself it begins with the rules and the shipping methods of the first one. */
export interface NewChannel extends Channel {
  /** Of order numbers. */
  readonly orderPrefix: string;
  /** For each shipping method that is taken over. */
  readonly newShippingMethodId: () => string;
}

/** Where channels are kept. */
export interface ChannelStore {
  /** All of them, the first that was made first. */
  all(): Promise<readonly Channel[]>;
  get(id: string): Promise<Channel | undefined>;
  /** Newest first. */
  list(page: PageRequest): Promise<Page<Channel>>;
  /** Whether some channel's order numbers begin so. */
  hasOrderPrefix(prefix: string): Promise<boolean>;
  /** False when the code is taken. */
  insert(channel: NewChannel): Promise<boolean>;
  /** As it is, locked until the transaction ends. */
  lock(id: string): Promise<Channel | undefined>;
  /** Its code and whether prices include taxes stay as they are. */
  update(channel: Channel): Promise<void>;
}
