import { tellOfOrder } from '../tell-of-order.ts';
import type { CommandHandler } from './command-handler.ts';

/** The note is the record of the command itself: the timeline shows it. */
export const addNote: CommandHandler<'add_note'> = async ({ stores, newId, order }, { text, actor }) => {
  await tellOfOrder(stores, newId, 'order.note_added', order.id, { payload: { text, actor } });
  return { detail: { text } };
};
