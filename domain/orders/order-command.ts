import type { FulfillmentLine, FulfillmentState } from './fulfillment.ts';

/** What every command on an order says. */
interface CommandHead {
  /** The same id is the same command: asked again it is answered again, not carried out again. */
  readonly commandId: string;
  /** Who asks: kept with the command. */
  readonly actor: string;
  /** The order's version that the caller saw; absent when the command fits any. */
  readonly version?: number;
}

/** Makes parcels of units that are allocated. */
export interface FulfillCommand extends CommandHead {
  readonly kind: 'fulfill';
  /** Absent: everything that can be sent. */
  readonly lines?: readonly FulfillmentLine[];
  /** Absent: from wherever it is allocated. */
  readonly locationId?: string;
  readonly provider: string;
  readonly service?: string;
  /** Ship before it is paid: cash on delivery. */
  readonly allowUnpaid?: boolean;
}

/** Something happened to a parcel. */
export interface MoveFulfillmentCommand extends CommandHead {
  readonly kind: 'move_fulfillment';
  readonly fulfillmentId: string;
  readonly to: Exclude<FulfillmentState, 'pending'>;
  readonly tracking?: { readonly carrier?: string; readonly trackingNumber?: string; readonly trackingUrl?: string; readonly labelUrl?: string };
  /** Of `shipped`: what really left, when it is less than what was asked for. */
  readonly lines?: readonly FulfillmentLine[];
  readonly reason?: string;
  /** The provider tells what has happened already: it cannot be refused. */
  readonly reported?: boolean;
}

/** For other operators to read; kept on the timeline. */
export interface AddNoteCommand extends CommandHead {
  readonly kind: 'add_note';
  readonly text: string;
}

export interface SetTagsCommand extends CommandHead {
  readonly kind: 'set_tags';
  readonly tags: readonly string[];
}

/** Makes an order what an edit of it says, and settles the difference. `version` is the one that the edit was put together for. */
export interface CommitEditCommand extends CommandHead {
  readonly kind: 'commit_edit';
  readonly editId: string;
  /** The difference that the operator saw, minor units: another one is refused. */
  readonly expectedDifference?: number;
  /** Forgive what would have to be paid. */
  readonly waive?: boolean;
  /** Charge this method of the customer's before a link is sent. */
  readonly savedMethodId?: string;
}

/** Takes units out that have not been sent; what was paid for them goes back. */
export interface CancelUnitsCommand extends CommandHead {
  readonly kind: 'cancel_units';
  readonly lines: readonly { readonly orderLineId: string; readonly quantity: number }[];
  readonly reason: string;
}

/** What can be asked of an order's actor beside its money. */
export type OrderCommand = FulfillCommand | MoveFulfillmentCommand | AddNoteCommand | SetTagsCommand | CommitEditCommand | CancelUnitsCommand;

export type OrderCommandKind = OrderCommand['kind'];

/** A durable process that begins with a command. */
export interface ChildProcess {
  readonly kind: 'fulfillment' | 'refund' | 'collection';
  readonly id: string;
}

/** What a command has made. */
export interface OrderCommandAnswer {
  /** Of the things that were made, such as fulfillments. */
  readonly ids: readonly string[];
  readonly children: readonly ChildProcess[];
}
