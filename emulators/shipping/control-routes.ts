import { z } from 'zod';
import {
  commonControl,
  conflict,
  limitOf,
  NOT_FOUND,
  ok,
  type CommonTarget,
  type ControlAnswer,
  type ControlRequest,
} from '../shared/common-control.ts';
import type { Depot } from './depot.ts';
import type { Endpoints, ShippingEvent } from './events.ts';
import { SIDES, STATES, type Shipment, type ShipmentState, type Side } from './shipment.ts';

export interface ControlTarget extends CommonTarget<ShippingEvent> {
  readonly depot: Depot;
  readonly endpoints: Endpoints;
}

/** A parcel as the control API shows it. */
export interface ShipmentEntry {
  readonly ref: string;
  readonly side: Side;
  readonly reference: string;
  readonly direction: 'outbound' | 'return';
  readonly orderNumber: string;
  readonly service: string;
  readonly from: string;
  readonly to: string;
  readonly state: ShipmentState;
  readonly lines: Shipment['lines'];
  readonly trackingNumber: string | null;
  readonly reason: string | null;
}

export interface ShipmentPage {
  readonly entries: readonly ShipmentEntry[];
  readonly next: string | null;
}

const sideSchema = z.enum(SIDES);
const advanceSchema = z.strictObject({ state: z.enum(STATES).optional(), reason: z.string().min(1).optional() });
const shortShipSchema = z.record(z.string(), z.int().min(0));
const rejectSchema = z.strictObject({ side: sideSchema, reason: z.string().min(1).default('It cannot be done') });
const endpointSchema = z.strictObject({
  side: sideSchema,
  url: z.url({ protocol: /^https?$/ }).nullable(),
  secret: z.string().min(1).optional(),
});
const settingsSchema = z.strictObject({
  autoAdvance: z.union([z.enum(['never', 'on_poll']), z.int().min(1)]).optional(),
  unknownSkus: z.array(z.string()).optional(),
});

function entryOf(shipment: Shipment): ShipmentEntry {
  const { id, side, reference, direction, orderNumber, service, from, to, state, lines } = shipment;
  const { trackingNumber = null, reason = null } = shipment;
  return { ref: id, side, reference, direction, orderNumber, service, from, to, state, lines, trackingNumber, reason };
}

function readShipments(depot: Depot, request: ControlRequest): ShipmentPage {
  const limit = limitOf(request);
  const [after, reference] = [request.query.get('after'), request.query.get('reference')];
  const entries: ShipmentEntry[] = [];
  let skipping = after !== null;
  for (const shipment of depot.shipments.values()) {
    if (skipping) {
      skipping = shipment.id !== after;
      continue;
    }
    if (reference !== null && shipment.reference !== reference) continue;
    if (entries.length === limit) return { entries, next: entries.at(-1)?.ref ?? null };
    entries.push(entryOf(shipment));
  }
  return { entries, next: null };
}

/**
 * Answers the control API under `/_emulator`: what all emulators have, `webhooks` (PUT), `shipments` (GET; `/:ref/advance` and
 * `/:ref/short-ship` POST), `rejections` (POST) and `settings` (PUT).
 */
export function control(target: ControlTarget, request: ControlRequest): ControlAnswer {
  const common = commonControl(target, request);
  if (common) return common;
  const { method, path, body } = request;
  const { depot, endpoints } = target;
  const [resource, ref = '', action] = path;
  if (resource === 'webhooks' && method === 'PUT') {
    const { url, ...wanted } = endpointSchema.parse(body());
    const secret = wanted.secret ?? endpoints[wanted.side]?.secret;
    if (url !== null && secret === undefined) return { status: 400, body: { error: 'A secret is needed to sign with' } };
    endpoints[wanted.side] = url === null || secret === undefined ? undefined : { url, secret };
    return ok();
  }
  if (resource === 'settings' && method === 'PUT') {
    const { autoAdvance, unknownSkus } = settingsSchema.parse(body());
    depot.configure({
      ...(autoAdvance === undefined ? {} : { autoAdvance }),
      ...(unknownSkus === undefined ? {} : { unknownSkus }),
    });
    return ok();
  }
  if (resource === 'rejections' && method === 'POST') {
    const { side, reason } = rejectSchema.parse(body());
    depot.rejectNext(side, reason);
    return ok();
  }
  if (resource !== 'shipments') return NOT_FOUND;
  if (method === 'GET' && path.length === 1) return ok(readShipments(depot, request));
  const shipment = depot.shipments.get(ref);
  if (!shipment || method !== 'POST') return NOT_FOUND;
  if (action === 'advance') {
    const { state, reason } = advanceSchema.parse(body());
    return depot.advance(shipment, state, reason)
      ? ok(entryOf(shipment))
      : conflict(`It is ${shipment.state} and cannot go there`);
  }
  if (action === 'short-ship') {
    return depot.shortShip(shipment, shortShipSchema.parse(body()))
      ? ok(entryOf(shipment))
      : conflict('It has left, or that is not a part of it');
  }
  return NOT_FOUND;
}
