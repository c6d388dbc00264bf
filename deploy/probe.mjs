// Health check of a container: exits 0 when the given URL answers 200.
const [url = ''] = process.argv.slice(2);
const ok = await fetch(url, { signal: AbortSignal.timeout(4_000) }).then(
  (response) => response.ok,
  () => false,
);
process.exit(ok ? 0 : 1);
