import type { Channel } from '../../domain/catalog/channel.ts';
import { checkChannel, checkNewChannel, type ChannelInput } from '../../domain/catalog/check-channel.ts';
import { checkLine } from '../../domain/catalog/field-checks.ts';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Page, PageRequest } from '../../domain/shared/page.ts';
import type { Work } from '../stores.ts';

/** A new channel; none of it is checked yet. */
export interface NewChannelInput extends ChannelInput {
  readonly code: string;
  readonly name: string;
  readonly currencies: readonly string[];
  readonly pricesIncludeTax: boolean;
  /** Of order numbers; default: the code in capitals and a hyphen. */
  readonly orderPrefix?: string | undefined;
}

/** What operators do with channels. Raises INVALID_INPUT naming the field. */
export interface ChannelDesk {
  /** Newest first. */
  list(page: PageRequest): Promise<Page<Channel>>;
  get(id: string): Promise<Channel | undefined>;
  /** It begins with the rules and the shipping methods of the first channel. Raises CONFLICT naming `code` or `orderPrefix` when it is taken. */
  create(input: NewChannelInput, actor: string): Promise<Channel>;
  /** Carts and orders keep their currency, though the channel has it no more. Raises NOT_FOUND. */
  update(id: string, input: ChannelInput, actor: string): Promise<Channel>;
}

const MAX_PREFIX = 12;

/** Builds it over the stores. */
export function createChannelDesk({ work, newId }: { work: Work; newId: IdGenerator }): ChannelDesk {
  return {
    list: (page) => work.stores.channels.list(page),
    get: (id) => work.stores.channels.get(id),

    async create({ orderPrefix, ...input }, actor) {
      const channel = checkNewChannel(newId('channel'), input);
      const prefix = orderPrefix === undefined ? `${channel.code.toUpperCase().slice(0, MAX_PREFIX - 1)}-` : checkLine(orderPrefix, 'orderPrefix', MAX_PREFIX);
      await work.transaction(async (stores) => {
        const prefixTaken = await stores.channels.hasOrderPrefix(prefix);
        const inserted = await stores.channels.insert({ ...channel, orderPrefix: prefix, newShippingMethodId: () => newId('shippingMethod') });
        if (!inserted) throw new DomainError('CONFLICT', 'This code is taken', 'code');
        if (prefixTaken) throw new DomainError('CONFLICT', 'Another channel has this prefix', 'orderPrefix');
        await stores.audit.append({ actor, action: 'channel.create', subjectId: channel.id, detail: { ...channel, orderPrefix: prefix } });
      });
      return channel;
    },

    update: (id, input, actor) =>
      work.transaction(async (stores) => {
        const present = await stores.channels.lock(id);
        if (!present) throw notFound('The channel', 'id');
        const channel = checkChannel(input, present);
        await stores.channels.update(channel);
        await stores.audit.append({ actor, action: 'channel.update', subjectId: id, detail: { ...channel } });
        return channel;
      }),
  };
}
