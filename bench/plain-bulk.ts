const READ_AT_ONCE = 1_000;
/** As a rebuild writes. */
const WRITTEN_AT_ONCE = 500;

interface Hit {
  readonly _id: string;
  readonly _source: unknown;
  readonly sort: unknown[];
}

async function call<Answer>(url: string, path: string, method: string, body: string | undefined, type = 'application/json'): Promise<Answer> {
  const response = await fetch(`${url}/${path}`, { method, ...(body !== undefined && { body, headers: { 'content-type': type } }), signal: AbortSignal.timeout(120_000) });
  const answer = (await response.json()) as Answer & { error?: unknown; errors?: boolean };
  if (answer.error !== undefined || answer.errors === true) throw new Error(JSON.stringify(answer).slice(0, 500));
  return answer;
}

/** Copies an index's documents into a new one of the same definition by `_bulk`, one request after the other; only those requests are timed. */
export async function plainBulk(url: string, from: string, to: string): Promise<{ documents: number; seconds: number }> {
  const { [from]: definition } = await call<Record<string, { settings: { index: Record<string, unknown> }; mappings: unknown }>>(url, from, 'GET', undefined);
  if (!definition) throw new Error(`There is no ${from}`);
  const { analysis, number_of_shards, number_of_replicas, refresh_interval, gc_deletes } = definition.settings.index;
  await call(url, to, 'PUT', JSON.stringify({ settings: { analysis, number_of_shards, number_of_replicas, refresh_interval, gc_deletes }, mappings: definition.mappings }));
  let [documents, ms] = [0, 0];
  for (let after: unknown[] | undefined; ; ) {
    const page = { size: READ_AT_ONCE, sort: [{ id: 'asc' }], track_total_hits: false, _source: { exclude_vectors: false }, ...(after && { search_after: after }) };
    const { hits } = await call<{ hits: { hits: Hit[] } }>(url, `${from}/_search`, 'POST', JSON.stringify(page));
    for (let start = 0; start < hits.hits.length; start += WRITTEN_AT_ONCE) {
      const body = hits.hits.slice(start, start + WRITTEN_AT_ONCE).map(({ _id, _source }) => `${JSON.stringify({ index: { _id } })}\n${JSON.stringify(_source)}\n`).join('');
      const begun = performance.now();
      await call(url, `${to}/_bulk`, 'POST', body, 'application/x-ndjson');
      ms += performance.now() - begun;
    }
    documents += hits.hits.length;
    after = hits.hits.at(-1)?.sort;
    if (hits.hits.length < READ_AT_ONCE) break;
  }
  await call(url, to, 'DELETE', undefined);
  return { documents, seconds: ms / 1000 };
}
