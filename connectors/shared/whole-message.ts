import type { AdminClient } from './admin-client.ts';
import { Refused } from './inbox-worker.ts';
import type { DueMessage } from './inbox.ts';

const EVENT = 'query Event($id: ID!) { webhookEvent(id: $id) { data } }';

/** The message with its data: an event that is too large to be sent comes without, and is read at the store. Raises `Refused`. */
export async function wholeMessage(store: AdminClient, message: DueMessage): Promise<DueMessage> {
  if (message.body !== null) return message;
  const { webhookEvent } = await store.query<{ webhookEvent: { data: unknown } | null }>(EVENT, { id: message.id });
  if (!webhookEvent) throw new Refused(`The store has no event ${message.id}`);
  return { ...message, body: webhookEvent.data };
}
