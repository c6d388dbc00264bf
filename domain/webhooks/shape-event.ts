import type { EventEnvelope } from './delivery.ts';
import { meetsFilter, type EventFilter } from './event-filter.ts';
import { isRecord } from './event-path.ts';
import { selectFields, type EventSelection } from './event-selection.ts';
import { fillTemplate, type EventTemplate } from './event-template.ts';
import { wantsEventType } from './event-types.ts';

/** What an endpoint wants of events, and how, ready for use. */
export interface EventShape {
  readonly endpointId: string;
  readonly eventTypes: readonly string[];
  readonly filter: EventFilter | null;
  readonly selection: EventSelection | null;
  readonly template: EventTemplate | null;
}

/** Somebody tries an endpoint: the data holds the event that it is to look like. Goes to that endpoint only. */
export const TEST_EVENT_TYPE = 'webhook.test';

/** The payload of a test. */
export interface TestEventData {
  readonly endpointId: string;
  /** What it is to look like; absent of a test that is nothing but one. */
  readonly example?: { readonly type: string; readonly version: number; readonly data: Readonly<Record<string, unknown>> };
}

/** An event as endpoints get to see it, before it is shaped. */
export type SentEvent = Omit<EventEnvelope, 'occurredAt'> & {
  /** When it happened, ISO 8601 UTC. */
  readonly timestamp: string;
  /** Nothing has happened: somebody tries the endpoint. */
  readonly test?: true;
};

/** The event as it is sent to endpoints that ask for nothing else; of a test, what it is to look like. */
export function sentEvent({ occurredAt, ...event }: EventEnvelope): SentEvent {
  const sent = { ...event, timestamp: occurredAt };
  if (event.type !== TEST_EVENT_TYPE) return sent;
  const { example } = event.data;
  if (!isRecord(example) || typeof example['type'] !== 'string' || typeof example['version'] !== 'number' || !isRecord(example['data'])) {
    return { ...sent, test: true };
  }
  return { ...sent, type: example['type'], version: example['version'], data: example['data'], test: true };
}

/** Whether the event is of a type that the endpoint wants, and meets its filter. A test is wanted by whom it is for, and nobody else. */
export function wantsEvent(envelope: EventEnvelope, { endpointId, eventTypes, filter }: Pick<EventShape, 'endpointId' | 'eventTypes' | 'filter'>): boolean {
  if (envelope.type === TEST_EVENT_TYPE) return envelope.data['endpointId'] === endpointId;
  return wantsEventType(eventTypes, envelope.type) && (filter === null || meetsFilter(filter, sentEvent(envelope)));
}

/** The body that is sent of an event: of the payload the selected fields, put into the template. Raises OutputTooLargeError. */
export function shapedBody(envelope: EventEnvelope, shape: Pick<EventShape, 'selection' | 'template'>): unknown {
  const whole = sentEvent(envelope);
  const event = shape.selection === null ? whole : { ...whole, data: selectFields(whole.data, shape.selection) };
  return shape.template === null ? event : fillTemplate(shape.template, event);
}
