import express, { type Router } from 'express';
import type { Registry } from '../../platform/metrics.ts';
import type { Readiness } from '../readiness.ts';

/** What those who run the store ask for: `/healthz`, `/readyz` and `/metrics`. */
export function operations(deps: { registry: Registry; readiness: () => Promise<Readiness> }): Router {
  const { registry, readiness } = deps;
  const router = express.Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const { ready, parts } = await readiness();
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not ready', parts });
  });
  router.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  return router;
}
