import { WHOLE_CATALOG, type Audience } from '../../../domain/catalog/audience.ts';
import type { RequestContext } from '../context.ts';

/** For whom a request of the storefront asks. */
export const audienceOf = async ({ channel }: Pick<RequestContext, 'channel'>): Promise<Audience> => ({ ...WHOLE_CATALOG, channelId: channel.id });
