import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

type Event = temporal.api.history.v1.IHistoryEvent;

/** What a marker of a local activity tells of it. */
const markerStep = (event: Event): string | undefined => {
  const data = event.markerRecordedEventAttributes?.details?.['data']?.payloads?.[0]?.data;
  if (!data) return undefined;
  const { activity_type: type, attempt } = JSON.parse(Buffer.from(data).toString()) as { activity_type: string; attempt: number };
  return attempt > 1 ? `${type} (attempt ${attempt})` : type;
};

function tell(event: Event): string | undefined {
  if (event.workflowExecutionStartedEventAttributes) return 'started by the submission';
  if (event.workflowTaskTimedOutEventAttributes) return 'the task of the killed worker timed out: it is handed to another one';
  if (event.workflowExecutionUpdateAcceptedEventAttributes) return 'the shopper waits for the answer';
  if (event.workflowExecutionUpdateCompletedEventAttributes) return 'the shopper has the answer';
  if (event.activityTaskScheduledEventAttributes) return `${event.activityTaskScheduledEventAttributes.activityType?.name ?? ''} (as a durable activity)`;
  if (event.timerStartedEventAttributes) return 'a timer is set';
  if (event.workflowExecutionSignaledEventAttributes) return 'told by the gateway that something happened to the payment';
  if (event.workflowExecutionCompletedEventAttributes) return 'ended';
  return event.markerRecordedEventAttributes ? markerStep(event) : undefined;
}

/** The steps of a workflow in the words of the store, each with its time after the start. */
export async function* toldSteps(client: Client, workflowId: string): AsyncGenerator<string> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const at = (event: Event): number => Number(event.eventTime?.seconds ?? 0) * 1_000 + (event.eventTime?.nanos ?? 0) / 1e6;
  const start = at(events?.[0] ?? {});
  for (const event of events ?? []) {
    const told = tell(event);
    if (told !== undefined) yield `${`${Math.round(at(event) - start)} ms`.padStart(8)}  ${told}`;
  }
}
