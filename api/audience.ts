import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { WHOLE_CATALOG, type Audience } from '../domain/catalog/audience.ts';
import { negotiateLocale } from '../domain/catalog/channel.ts';
import { isOwnLocale } from '../domain/catalog/own-locale.ts';
import { normalizeLocale } from '../domain/shared/locale.ts';
import { CUSTOMER_HEADER } from './customer-session.ts';
import type { RequestContext } from './graphql/context.ts';
import { CHANNEL_HEADER, type KnownChannels } from './known-channels.ts';

/** The language that a request wants to be answered in. */
export const LOCALE_HEADER = 'x-locale';

/** The value of a header; empty is as good as absent. */
function valueOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * The part of a request's context that says for whom products are shown. `own`: the locale that the catalog is written in.
 * Raises INVALID_INPUT naming the header.
 */
export async function audienceOf(
  headers: IncomingHttpHeaders,
  shopper: RequestContext['shopper'],
  { channels, own, endpoint }: { channels: KnownChannels; own: string; endpoint: 'storefront' | 'admin' },
): Promise<Pick<RequestContext, 'channel' | 'locale' | 'audience' | 'audienceHeaders'>> {
  const [code, wanted] = [valueOf(headers, CHANNEL_HEADER), valueOf(headers, LOCALE_HEADER)];
  const channel = await channels(code);
  const locale = negotiateLocale(channel, own, wanted === undefined ? undefined : normalizeLocale(wanted, LOCALE_HEADER));
  let found: Promise<Audience> | undefined;
  async function find(): Promise<Audience> {
    if (endpoint === 'admin') return WHOLE_CATALOG;
    return { channelId: channel.id, groupIds: (await shopper())?.groupIds ?? [], locale: isOwnLocale(locale, own) ? null : locale };
  }
  const audienceHeaders = code === undefined && wanted === undefined ? [] : [code ?? '', wanted ?? ''];
  return { channel, locale, audience: () => (found ??= find()), audienceHeaders };
}

/** Tells caches that answers differ by the headers of the audience. */
export const variesByAudience: RequestHandler = (_request, response, next) => {
  response.vary(`${CHANNEL_HEADER}, ${LOCALE_HEADER}, ${CUSTOMER_HEADER}`);
  next();
};
