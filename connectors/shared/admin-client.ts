import { Refused } from './inbox-worker.ts';

/** Calls the store's admin API. */
export interface AdminClient {
  /** Who does it, as the audit log shall say. */
  readonly actor: string;
  /** Raises `Refused` for what the store does not take, and any other error for what may go better another time. */
  query<Data>(document: string, variables?: Readonly<Record<string, unknown>>): Promise<Data>;
  /**
   * A mutation with the one field `answer`, under a key: a repeat changes nothing more. Raises as `query`, and for an answer that
   * is a refusal (`InputError`).
   */
  mutate<Answer extends { readonly __typename: string }>(document: string, input: Readonly<Record<string, unknown>>, key: string): Promise<Answer>;
}

interface GraphqlAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

const TIMEOUT_MS = 30_000;
/** It may go better another time. */
const PASSING: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'GATEWAY_UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL_SERVER_ERROR', 'CONFLICT', 'VERSION_MISMATCH']);

/** @param storeUrl where the API is, such as `https://store.example` */
export function createAdminClient({ storeUrl, apiKey, actor }: { storeUrl: string; apiKey: string; actor: string }): AdminClient {
  const url = `${storeUrl.replace(/\/+$/, '')}/admin/graphql`;

  async function send<Data>(query: string, variables: Readonly<Record<string, unknown>>, key?: string): Promise<Data> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, ...(key === undefined ? {} : { 'idempotency-key': key }) },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // What is not JSON comes from something between us and the store.
    const { data, errors = [] } = (await response.json()) as GraphqlAnswer;
    const [error] = errors;
    if (!error) return data as Data;
    const code = error.extensions?.code ?? '';
    if (response.status >= 500 || response.status === 401 || PASSING.has(code)) throw new Error(error.message);
    throw new Refused(error.message);
  }

  return {
    actor,
    query: (document, variables = {}) => send(document, variables),
    async mutate<Answer extends { readonly __typename: string }>(document: string, input: Readonly<Record<string, unknown>>, key: string): Promise<Answer> {
      const { answer } = await send<{ answer: Answer & { code?: string; message?: string; field?: string | null } }>(document, { input }, key);
      if (answer.__typename === 'VersionMismatch') throw new Error('It was changed meanwhile');
      if (answer.__typename !== 'InputError') return answer;
      const told = `${answer.field ?? answer.code ?? ''}: ${answer.message ?? ''}`;
      throw PASSING.has(answer.code ?? '') ? new Error(told) : new Refused(told);
    },
  };
}
