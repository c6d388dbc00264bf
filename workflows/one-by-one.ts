type Steps = { readonly [name: string]: (input: never) => Promise<unknown> };

/**
 * Makes local activities wait for each other. Several at a time end in whichever order they do, and in the order of their
 * beginning when the workflow is replayed (temporalio/sdk-typescript#1744, sdk-python#1573): what follows would differ. For
 * workflows in which something goes on beside the main course; call it once in each execution, for all of its local activities.
 */
export function oneByOne(): <Interface>(steps: Interface) => Interface {
  let last: Promise<unknown> = Promise.resolve();
  return <Interface>(steps: Interface): Interface =>
    new Proxy(steps as Interface & Steps, {
      get:
        (target, name: string) =>
        (input: never): Promise<unknown> => {
          const step = target[name];
          if (step === undefined) throw new TypeError(`There is no step ${name}`);
          const run = last.then(() => step(input));
          last = run.catch(() => undefined);
          return run;
        },
    });
}
