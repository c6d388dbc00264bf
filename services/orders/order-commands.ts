import type { OrderCommand, OrderCommandAnswer } from '../../domain/orders/order-command.ts';
import { notFound, VersionMismatchError } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Work } from '../stores.ts';
import { addNote } from './commands/add-note.ts';
import type { CommandContext, CommandHandlers, CommandOutcome } from './commands/command-handler.ts';
import { cancelUnits } from './commands/cancel-units.ts';
import { closeReturn } from './commands/close-return.ts';
import { commitEdit } from './commands/commit-edit.ts';
import { fulfill } from './commands/fulfill.ts';
import { moveFulfillment } from './commands/move-fulfillment.ts';
import { moveReturn } from './commands/move-return.ts';
import { receiveReturn } from './commands/receive-return.ts';
import { requestReturn } from './commands/request-return.ts';
import { setTags } from './commands/set-tags.ts';
import { settleReturn } from './commands/settle-return.ts';

const HANDLERS: CommandHandlers = {
  fulfill,
  move_fulfillment: moveFulfillment,
  add_note: addNote,
  set_tags: setTags,
  commit_edit: commitEdit,
  cancel_units: cancelUnits,
  request_return: requestReturn,
  move_return: moveReturn,
  receive_return: receiveReturn,
  settle_return: settleReturn,
  close_return: closeReturn,
};

/** Hands the command to the handler of its kind. */
const handle = <Kind extends OrderCommand['kind']>(context: CommandContext, command: Extract<OrderCommand, { kind: Kind }>): Promise<CommandOutcome> =>
  HANDLERS[command.kind](context, command);

export interface OrderCommands {
  /**
   * Carries a command out in one transaction, with its record; the same command again is answered as before.
   * Raises NOT_FOUND, INVALID_INPUT, INVALID_TRANSITION, CONFLICT, VersionMismatchError.
   */
  apply(orderId: string, command: OrderCommand): Promise<OrderCommandAnswer>;
}

/** Everything that is asked of an order, carried out one by one and each once. */
export function createOrderCommands(deps: { work: Work; newId: IdGenerator; now: () => Date }): OrderCommands {
  const { work, newId, now } = deps;
  return {
    apply: (orderId, command) =>
      work.transaction(async (stores) => {
        const order = await stores.orders.lock(orderId);
        if (!order) throw notFound('The order', 'orderId');
        const earlier = await stores.orderCommands.answerOf(command.commandId);
        if (earlier) return earlier;
        if (command.version !== undefined && command.version !== order.version) throw new VersionMismatchError(order.version);
        const { ids = [], children = [], change = {}, detail = {} } = await handle({ stores, order, newId, now: command.at === undefined ? now() : new Date(command.at) }, command);
        const answer: OrderCommandAnswer = { ids, children };
        await stores.orders.update(orderId, change);
        await stores.orderCommands.record({ id: command.commandId, orderId, kind: command.kind, actor: command.actor, detail, answer });
        return answer;
      }),
  };
}
