import { allHandlersFinished, condition, defineUpdate, setHandler } from '@temporalio/workflow';

export const nothingUpdate = defineUpdate<string>('nothing');

/** The least that a checkout could be: started with an update, answers it, ends. */
export async function empty(): Promise<void> {
  let answered = false;
  setHandler(nothingUpdate, () => {
    answered = true;
    return 'done';
  });
  await condition(() => answered && allHandlersFinished());
}
