import type { OrderCommandAnswer, OrderCommandKind } from './order-command.ts';

/** The commands that were carried out: the memory that makes each happen once, and who asked for what. */
export interface OrderCommandStore {
  /** The answer of an earlier command with this id. */
  answerOf(commandId: string): Promise<OrderCommandAnswer | undefined>;
  /** Call it last: it notes the order's version. */
  record(command: {
    id: string;
    orderId: string;
    kind: OrderCommandKind;
    actor: string;
    /** Without personal data, except an operator's own words. */
    detail: Readonly<Record<string, unknown>>;
    answer: OrderCommandAnswer;
  }): Promise<void>;
}
