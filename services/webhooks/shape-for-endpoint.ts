import { DomainError } from '../../domain/shared/errors.ts';
import { parseFilter } from '../../domain/webhooks/event-filter.ts';
import { parseTemplate } from '../../domain/webhooks/event-template.ts';
import { shapedBody, wantsEvent, type EventShape } from '../../domain/webhooks/shape-event.ts';
import { parseSelection } from './parse-selection.ts';
import type { EndpointWish, EventShaper } from './shape.ts';

/** More endpoints than this are read anew now and then. */
const MAX_KEPT = 1_000;

/** How an endpoint wants events. Raises INVALID_INPUT for what `assertEndpointSettings` would not have let pass. */
export const shapeOf = ({ id, eventTypes, filter, selection, transformation }: Omit<EndpointWish, 'version'>): EventShape => ({
  endpointId: id,
  eventTypes,
  filter: filter === null ? null : parseFilter(filter, 'filter'),
  selection: selection === null ? null : parseSelection(selection, 'selection'),
  template: transformation === null ? null : parseTemplate(transformation, 'transformation'),
});

/** Shapes events as their endpoints want them. What an endpoint wants is read once for each of its versions. */
export function createEventShaper(): EventShaper {
  const shapes = new Map<string, { version: number; shape: EventShape }>();

  function keptShape(endpoint: EndpointWish): EventShape {
    const kept = shapes.get(endpoint.id);
    if (kept?.version === endpoint.version) return kept.shape;
    const shape = shapeOf(endpoint);
    const [oldest] = shapes.keys();
    if (shapes.size >= MAX_KEPT && oldest !== undefined) shapes.delete(oldest);
    shapes.set(endpoint.id, { version: endpoint.version, shape });
    return shape;
  }

  return {
    wants(event, endpoint) {
      try {
        return wantsEvent(event, keptShape(endpoint));
      } catch (error) {
        // A wish that can no longer be read stands in the way of its own endpoint's deliveries, not of everybody's.
        if (error instanceof DomainError) return true;
        throw error;
      }
    },
    bodyOf: (event, endpoint) => shapedBody(event, keptShape(endpoint)),
  };
}
