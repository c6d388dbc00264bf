import { createHash } from 'node:crypto';
import { ruruHTML } from 'ruru/server';

/** Where GraphiQL's own files are served: everything it loads comes from this machine. */
export const GRAPHIQL_ASSETS = '/graphiql/';

export interface GraphiqlPage {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

/** GraphiQL for one endpoint. Its policy lets the browser run what the page brings and load nothing from elsewhere. */
export function graphiqlPage(options: { title: string; endpoint: string; subscriptions: boolean }): GraphiqlPage {
  const { title, endpoint, subscriptions } = options;
  const html = ruruHTML({
    staticPath: GRAPHIQL_ASSETS,
    endpoint,
    ...(subscriptions && { subscriptionEndpoint: endpoint }),
    htmlParts: { titleTag: `<title>${title}</title>` },
  });
  const scripts = [...html.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  const contentSecurityPolicy = [
    "default-src 'none'",
    `script-src 'self' ${scripts.join(' ')}`,
    // The editor writes its styles while it runs.
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, contentSecurityPolicy };
}
