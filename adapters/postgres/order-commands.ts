import type { OrderCommandAnswer } from '../../domain/orders/order-command.ts';
import type { OrderCommandStore } from '../../domain/orders/order-command-store.ts';
import { prepared, type Sql } from './database.ts';

const ANSWER_OF = prepared('SELECT answer FROM order_commands WHERE id = $1');
const RECORD = prepared(`INSERT INTO order_commands (id, order_id, kind, actor, detail, answer, version)
  SELECT $1, id, $3, $4, $5, $6, version FROM orders WHERE id = $2`);

/** Commands on orders in Postgres. */
export function createOrderCommandStore(sql: Sql): OrderCommandStore {
  return {
    answerOf: async (commandId) => (await sql.rows<{ answer: OrderCommandAnswer }>(ANSWER_OF, [commandId]))[0]?.answer,
    async record({ id, orderId, kind, actor, detail, answer }) {
      await sql.run(RECORD, [id, orderId, kind, actor, detail, answer]);
    },
  };
}
