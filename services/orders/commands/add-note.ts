import type { CommandHandler } from './command-handler.ts';

/** The note is the record of the command itself: the timeline shows it. */
export const addNote: CommandHandler<'add_note'> = async (_, { text }) => ({ detail: { text } });
