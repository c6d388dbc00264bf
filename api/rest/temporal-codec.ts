import { type Payload, type PayloadCodec, ValueError } from '@temporalio/common';
import express, { type RequestHandler, type Router } from 'express';
import { DomainError, invalid } from '../../domain/shared/errors.ts';
import { createAdminGuard } from '../auth.ts';
import { loggedInPage, loginPage, PAGE_POLICY } from './temporal-codec/login-page.ts';
import { readPayloads, writePayloads } from './temporal-codec/payloads-json.ts';
import { createSessions } from './temporal-codec/sessions.ts';

export interface TemporalCodecDeps {
  /** Undefined: nothing is encrypted, and payloads pass as they are. */
  readonly codec: PayloadCodec | undefined;
  readonly adminApiKey: string;
  /** Where browsers reach this API. */
  readonly publicUrl: string;
  /** Temporal's UI: the pages of its origin, and no others, may read the answers. */
  readonly uiUrl: string;
  readonly now: () => Date;
}

const PATH = '/temporal/codec';
const COOKIE = 'temporal_codec';
const SESSION_HOURS = 8;
/** Temporal takes no message above 4 MB; base64 adds a third. */
const MAX_BODY = '6mb';
const MAX_FORM = '4kb';
const ALLOWED_HEADERS = 'authorization, authorization-extras, content-type, x-namespace';
const PREFLIGHT_SECONDS = '7200';

/**
 * Temporal's remote codec: `POST /temporal/codec/decode` lets the UI and the command line show encrypted payloads, `/encode`
 * lets them send some. Both take the admin key as a bearer, or the cookie that `/temporal/codec/login` sets for 8 hours.
 */
export function temporalCodec({ codec, adminApiKey, publicUrl, uiUrl, now }: TemporalCodecDeps): Router {
  const endpoint = new URL(publicUrl + PATH);
  const guard = createAdminGuard(adminApiKey);
  const sessions = createSessions({ secret: adminApiKey, lifetimeSeconds: SESSION_HOURS * 3600, now });
  const cookieOptions = {
    httpOnly: true,
    sameSite: 'lax',
    secure: endpoint.protocol === 'https:',
    path: endpoint.pathname,
    maxAge: SESSION_HOURS * 3_600_000,
  } as const;

  const authenticated: RequestHandler = (request, _response, next) => {
    if (!sessions.isOpen(cookieOf(request.headers.cookie))) {
      if (request.headers.authorization === undefined) {
        throw new DomainError('UNAUTHENTICATED', `Log in at ${endpoint.href}/login, or send the admin API key`, 'Authorization');
      }
      guard(request.headers.authorization);
    }
    next();
  };
  const json = express.json({ limit: MAX_BODY });
  const through = (direction: keyof PayloadCodec): RequestHandler[] => [
    authenticated,
    json,
    async (request, response) => {
      const payloads = readPayloads(request.body);
      response.json(writePayloads(codec === undefined ? payloads : await refusals(() => codec[direction](payloads))));
    },
  ];

  const router = express.Router();
  const codecRoutes = [`${PATH}/decode`, `${PATH}/encode`];
  router.all([...codecRoutes, `${PATH}/login`], (_request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    next();
  });
  router.all(codecRoutes, uiCors(uiOrigins(uiUrl)));
  router.post(`${PATH}/decode`, ...through('decode'));
  router.post(`${PATH}/encode`, ...through('encode'));

  const form = express.urlencoded({ extended: false, limit: MAX_FORM });
  router
    .route(`${PATH}/login`)
    .get((request, response) => {
      const html = sessions.isOpen(cookieOf(request.headers.cookie))
        ? loggedInPage({ uiUrl, endpoint: endpoint.href, hours: SESSION_HOURS })
        : loginPage({ refused: false });
      response.setHeader('content-security-policy', PAGE_POLICY);
      response.type('html').send(html);
    })
    .post(form, (request, response) => {
      if (!isAdminKey(guard, request.body)) {
        response.setHeader('content-security-policy', PAGE_POLICY);
        response.status(401).type('html').send(loginPage({ refused: true }));
        return;
      }
      response.cookie(COOKIE, sessions.issue(), cookieOptions);
      response.redirect(303, 'login');
    });
  return router;
}

/** What the codec refuses (an unknown key, a changed payload) is about the request. */
async function refusals(transform: () => Promise<Payload[]>): Promise<Payload[]> {
  try {
    return await transform();
  } catch (error) {
    if (error instanceof ValueError) throw invalid('payloads', error.message);
    throw error;
  }
}

function isAdminKey(guard: (authorization: string) => void, form: unknown): boolean {
  const key = typeof form === 'object' && form !== null && 'key' in form ? form.key : undefined;
  if (typeof key !== 'string') return false;
  try {
    guard(`Bearer ${key.trim()}`);
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}

const cookieOf = (header: string | undefined): string | undefined =>
  header
    ?.split(/; */)
    .find((pair) => pair.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1);

/** The UI's origin; on this machine by both of its names. */
function uiOrigins(uiUrl: string): ReadonlySet<string> {
  const twins: Readonly<Record<string, string>> = { localhost: '127.0.0.1', '127.0.0.1': 'localhost' };
  const twin = new URL(uiUrl);
  twin.hostname = twins[twin.hostname] ?? twin.hostname;
  return new Set([new URL(uiUrl).origin, twin.origin]);
}

/** Unlike the APIs for storefronts, this one is authorized by a cookie, so its origins are named and credentials allowed. */
function uiCors(origins: ReadonlySet<string>): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    response.vary('origin');
    if (origin !== undefined && origins.has(origin)) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-allow-credentials', 'true');
    }
    if (request.method !== 'OPTIONS') return next();
    response.setHeader('access-control-allow-methods', 'POST, OPTIONS');
    response.setHeader('access-control-allow-headers', ALLOWED_HEADERS);
    response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
    response.status(204).end();
  };
}
