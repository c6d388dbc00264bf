/** One thing without which no checkout can be taken. */
export interface ReadinessPart {
  readonly name: string;
  /** Throws, with a short reason fit to be shown, when it is not there. */
  check(): Promise<void>;
}

export interface Readiness {
  readonly ready: boolean;
  /** `ok` or why not, for each part. */
  readonly parts: Readonly<Record<string, string>>;
}

const CHECK_TIMEOUT_MS = 2_000;
const CACHE_MS = 1_500;

/** A reason that may be shown to whoever asks for `/readyz`. */
export class NotReadyError extends Error {}

async function stateOf(part: ReadinessPart): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('no answer in time'), CHECK_TIMEOUT_MS);
  });
  const checked = part.check().then(
    () => 'ok',
    // Other messages may quote addresses and names: the log has them.
    (error: unknown) => (error instanceof NotReadyError ? error.message : 'not reachable'),
  );
  return Promise.race([checked, late]).finally(() => clearTimeout(timer));
}

/** Asks all parts at once; the answer is kept for a moment, so that many who ask are one. */
export function createReadiness(parts: readonly ReadinessPart[], now: () => number = Date.now): () => Promise<Readiness> {
  let asked: Promise<Readiness> | undefined;
  let askedAt = 0;
  const ask = async (): Promise<Readiness> => {
    const states = await Promise.all(parts.map(async (part) => [part.name, await stateOf(part)] as const));
    return { ready: states.every(([, state]) => state === 'ok'), parts: Object.fromEntries(states) };
  };
  return () => {
    if (asked === undefined || now() - askedAt >= CACHE_MS) {
      askedAt = now();
      asked = ask();
    }
    return asked;
  };
}
