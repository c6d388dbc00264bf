import type { StoredValueAccount } from '../../../domain/payments/stored-value.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import type { RequestContext } from '../context.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { Resolvers } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, optionalTextInput, textInput } from '../text-input.ts';

const MAX_REFERENCE_LENGTH = 200;

const same = (account: StoredValueAccount): StoredValueAccount => account;

const commandOf = (input: { reason: string; actor: string }) => ({
  reason: textInput(input.reason, 'reason', MAX_NOTE_LENGTH),
  actor: textInput(input.actor, 'actor', MAX_ACTOR_LENGTH),
});

const referenceOf = (input: { reference: string }): string => textInput(input.reference, 'reference', MAX_REFERENCE_LENGTH);

async function changed(command: () => Promise<StoredValueAccount>) {
  try {
    return { __typename: 'StoredValuePayload' as const, account: await command() };
  } catch (error) {
    return toInputError(error);
  }
}

const setStatus = (status: StoredValueAccount['status'], input: { accountId: string; reason: string; actor: string }, { storedValue }: RequestContext) =>
  changed(() => storedValue.setStatus({ ...commandOf(input), accountId: input.accountId, status }));

/** What operators see of gift cards and store credit and do with them. */
export const storedValueResolvers = {
  Query: {
    async storedValueAccounts(_, { kind, status, ...page }, { storedValue }) {
      const filter = { ...(kind != null && { kind: fromEnum(kind) }), ...(status != null && { status: fromEnum(status) }) };
      return toConnection(await storedValue.list(toPageRequest(page), filter), same);
    },
    async storedValueAccount(_, { id }, { storedValue }) {
      return (await storedValue.get(id)) ?? null;
    },
  },
  Mutation: {
    async giftCardIssue(_, { input }, { storedValue, requestKey }, { path }) {
      // The answer holds the code in clear: it is not kept but made again.
      if (requestKey) requestKey.keepAnswer = false;
      try {
        const reason = optionalTextInput(input.reason, 'reason', MAX_NOTE_LENGTH);
        const { account, code } = await storedValue.issueGiftCard({
          ...(requestKey && { commandId: `${requestKey.commandId}/${path.key}` }),
          amount: input.amount,
          expiresAt: input.expiresAt ?? null,
          ...(reason === undefined ? {} : { reason }),
          actor: textInput(input.actor, 'actor', MAX_ACTOR_LENGTH),
        });
        return { __typename: 'GiftCardIssuePayload', account, giftCardCode: code };
      } catch (error) {
        return toInputError(error);
      }
    },
    storeCreditIssue: (_, { input }, { storedValue }) =>
      changed(() =>
        storedValue.issueStoreCredit({
          ...commandOf(input),
          email: input.email,
          customerId: input.customerId ?? null,
          amount: input.amount,
          reference: referenceOf(input),
        }),
      ),
    storedValueAdjust: (_, { input }, { storedValue }) =>
      changed(() => storedValue.adjust({ ...commandOf(input), accountId: input.accountId, amount: input.amount, reference: referenceOf(input) })),
    storedValueDisable: (_, { input }, context) => setStatus('disabled', input, context),
    storedValueEnable: (_, { input }, context) => setStatus('active', input, context),
  },
  StoredValueAccount: {
    kind: ({ kind }) => toEnum(kind),
    status: ({ status }) => toEnum(status),
    balance: ({ balance, currency }) => ({ amount: balance, currency }),
    held: ({ held, currency }) => ({ amount: held, currency }),
    available: ({ balance, held, currency }) => ({ amount: balance - held, currency }),
    last4: ({ codeLast4 }) => codeLast4,
    async entries({ id, currency }, page, { storedValue }) {
      const money = (amount: number) => ({ amount, currency });
      return toConnection(await storedValue.entries(id, toPageRequest(page)), (entry) => ({
        ...entry,
        kind: toEnum(entry.kind),
        balanceDelta: money(entry.balanceDelta),
        heldDelta: money(entry.heldDelta),
        balanceAfter: money(entry.balanceAfter),
        heldAfter: money(entry.heldAfter),
      }));
    },
  },
} satisfies Resolvers;
