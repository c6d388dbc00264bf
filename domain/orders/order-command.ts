import type { FulfillmentLine, FulfillmentState, Tracking } from './fulfillment.ts';
import type { SettlementWish } from './returns/return-settlement.ts';
import type { ReturnOutcome, ReturnKind, ReturnReason, Condition, WantedUnits } from './returns/return.ts';

/** What every command on an order says. */
interface CommandHead {
  /** The same id is the same command: asked again it is answered again, not carried out again. */
  readonly commandId: string;
  /** Who asks: kept with the command. */
  readonly actor: string;
  /** The order's version that the caller saw; absent when the command fits any. */
  readonly version?: number;
  /** ISO 8601 UTC, by the clock of the process that asks; absent: now. */
  readonly at?: string;
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

/** Somebody wants to send something back, or to be helped without. */
export interface RequestReturnCommand extends CommandHead {
  readonly kind: 'request_return';
  readonly returnKind: ReturnKind;
  readonly lines: readonly { readonly orderLineId: string; readonly quantity: number; readonly reason: ReturnReason }[];
  /** What is wanted instead. */
  readonly wanted?: readonly WantedUnits[];
  /** The customer's own words. */
  readonly note?: string;
  readonly requestedBy: 'customer' | 'operator';
  /** False: it need not come back. */
  readonly sendBack: boolean;
}

/** An operator, the customer or the time decides on a return, or its parcel is on its way. */
export interface MoveReturnCommand extends CommandHead {
  readonly kind: 'move_return';
  readonly returnId: string;
  readonly to: 'approved' | 'rejected' | 'canceled' | 'in_transit' | 'expired';
  readonly reason?: string;
  /** With `approved`: whether it must come back after all. */
  readonly sendBack?: boolean;
  /** A label that was bought or given, and where the parcel can be looked for. */
  readonly parcel?: { readonly provider?: string; readonly providerRef?: string } & { readonly [Field in keyof Tracking]?: string };
  /** Tell the customer of the approval now, whether or not there is a label. */
  readonly announce?: boolean;
}

/** Units have arrived. More may follow. */
export interface ReceiveReturnCommand extends CommandHead {
  readonly kind: 'receive_return';
  readonly returnId: string;
  readonly units: readonly { readonly orderLineId: string; readonly condition: Condition; readonly quantity: number }[];
}

/** Decides what of a return is accepted, puts it on the shelf, and pays or exchanges it. */
export interface SettleReturnCommand extends CommandHead {
  readonly kind: 'settle_return';
  readonly returnId: string;
  /** Absent: everything that has arrived, or all of it when nothing is sent back, and nothing is put on a shelf. */
  readonly units?: readonly {
    readonly orderLineId: string;
    readonly condition: Condition;
    readonly accept: number;
    /** Of the accepted: good to be sold again. */
    readonly restock: number;
  }[];
  /** Where it is put; the first place that keeps the article when absent. */
  readonly locationId?: string;
  readonly fees?: SettlementWish;
  readonly destination?: 'original' | 'store_credit';
  /** Money instead of what was wanted. */
  readonly refundInstead?: boolean;
  readonly reason?: string;
}

/** What a return came to has been done. */
export interface CloseReturnCommand extends CommandHead {
  readonly kind: 'close_return';
  readonly returnId: string;
  readonly outcome: ReturnOutcome;
}

/** What can be asked of an order's actor beside its money. */
export type OrderCommand =
  | FulfillCommand
  | MoveFulfillmentCommand
  | AddNoteCommand
  | SetTagsCommand
  | CommitEditCommand
  | CancelUnitsCommand
  | RequestReturnCommand
  | MoveReturnCommand
  | ReceiveReturnCommand
  | SettleReturnCommand
  | CloseReturnCommand;

export type OrderCommandKind = OrderCommand['kind'];

/** A durable process that begins with a command. */
export interface ChildProcess {
  readonly kind: 'fulfillment' | 'refund' | 'collection' | 'return';
  readonly id: string;
}

/** What a command has made. */
export interface OrderCommandAnswer {
  /** Of the things that were made, such as fulfillments. */
  readonly ids: readonly string[];
  readonly children: readonly ChildProcess[];
}
