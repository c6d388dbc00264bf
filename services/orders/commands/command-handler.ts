import type { OrderCommand, OrderCommandAnswer, OrderCommandKind } from '../../../domain/orders/order-command.ts';
import type { OrderChange, OrderHead } from '../../../domain/orders/order-store.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import type { Stores } from '../../stores.ts';

/** What a command's handler works with: everything in the one transaction in which the order is locked. */
export interface CommandContext {
  readonly stores: Stores;
  readonly order: OrderHead;
  readonly newId: IdGenerator;
  readonly now: Date;
}

export type CommandOf<Kind extends OrderCommandKind> = Extract<OrderCommand, { kind: Kind }>;

/** What a handler did. */
export interface CommandOutcome extends Partial<OrderCommandAnswer> {
  /** Of the order itself. */
  readonly change?: OrderChange;
  /** What the timeline tells, without personal data except the operator's own words. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Carries one kind of command out, or raises a DomainError and changes nothing. */
export type CommandHandler<Kind extends OrderCommandKind> = (context: CommandContext, command: CommandOf<Kind>) => Promise<CommandOutcome>;

export type CommandHandlers = { readonly [Kind in OrderCommandKind]: CommandHandler<Kind> };
