import { CONDITION_FACTS, FACT_NAMES } from '../../../domain/checkout/fraud/condition-facts.ts';
import type { CheckoutOrOrder } from '../../../domain/checkout/fraud/fraud-outcome.ts';
import { invalid } from '../../../domain/shared/errors.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { Resolvers } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, optionalTextInput, textInput } from '../text-input.ts';
import { toListEntry, toOutcome, toReview, toShadowReport, toShadowResult, toStatistic, toVersion } from './fraud-types.ts';

const MAX_LABEL_LENGTH = 120;

const actorInput = (actor: string): string => textInput(actor, 'actor', MAX_ACTOR_LENGTH);
const noteInput = (note: string | null | undefined): string | undefined => optionalTextInput(note, 'note', MAX_NOTE_LENGTH);

/** The enum values that were given, as the domain spells them. */
const given = <Value extends string>(value: Value | null | undefined): Lowercase<Value> | undefined =>
  value == null ? undefined : fromEnum(value);

function checkoutOrOrder(checkoutId: string | null | undefined, orderId: string | null | undefined): CheckoutOrOrder {
  if (checkoutId != null && orderId == null) return { checkoutId };
  if (orderId != null && checkoutId == null) return { orderId };
  throw invalid('checkoutId', 'Give either checkoutId or orderId');
}

/** What operators see of the fraud check and do with it. */
export const fraudResolvers: Resolvers = {
  Query: {
    async fraudRuleSetVersions(_, { filter, ...page }, { fraud }) {
      const state = given(filter?.state);
      const found = await fraud.ruleSets.list(toPageRequest(page), {
        ...(filter?.channelId !== undefined && { channelId: filter.channelId }),
        ...(state !== undefined && { state }),
      });
      return toConnection(found, toVersion);
    },
    async fraudRuleSetVersion(_, { id }, { fraud }) {
      const version = await fraud.ruleSets.find(id);
      return version ? toVersion(version) : null;
    },
    fraudConditionFacts: () =>
      FACT_NAMES.map((name) => ({
        name,
        type: toEnum(CONDITION_FACTS[name].type),
        description: CONDITION_FACTS[name].description,
      })),
    async fraudShadowReport(_, { versionId, from, to }, { fraud }) {
      return toShadowReport(await fraud.statistics.shadow(versionId, { from: from ?? undefined, to: to ?? undefined }));
    },
    async fraudShadowDisagreements(_, { versionId, ...page }, { fraud }) {
      return toConnection(await fraud.statistics.disagreements(versionId, toPageRequest(page)), toShadowResult);
    },
    async fraudRuleStatistics(_, { from, to, channelId, versionId }, { fraud }) {
      const found = await fraud.statistics.rules({
        from: from ?? undefined,
        to: to ?? undefined,
        channelId: channelId ?? undefined,
        versionId: versionId ?? undefined,
      });
      return found.map(toStatistic);
    },
    async fraudListEntries(_, { filter, ...page }, { fraud }) {
      const [effect, kind] = [given(filter?.effect), given(filter?.kind)];
      const found = await fraud.lists.list(toPageRequest(page), {
        ...(effect !== undefined && { effect }),
        ...(kind !== undefined && { kind }),
        ...(filter?.expired != null && { expired: filter.expired }),
      });
      return toConnection(found, toListEntry);
    },
    async fraudReviews(_, { filter, ...page }, { fraud }) {
      const found = await fraud.reviews.queue(toPageRequest(page), {
        ...(filter?.claimed != null && { claimed: filter.claimed }),
        ...(filter?.channelId != null && { channelId: filter.channelId }),
      });
      return toConnection(found, toReview);
    },
    async fraudReview(_, { checkoutId }, { fraud }) {
      const review = await fraud.reviews.find(checkoutId);
      return review ? toReview(review) : null;
    },
    async fraudReviewNotes(_, { checkoutId, ...page }, { fraud }) {
      return toConnection(await fraud.reviews.notes(checkoutId, toPageRequest(page)), (note) => note);
    },
    async fraudOutcomes(_, { filter, ...page }, { fraud }) {
      const outcome = given(filter?.outcome);
      const found = await fraud.statistics.outcomes(toPageRequest(page), {
        ...(filter?.checkoutId != null && { checkoutId: filter.checkoutId }),
        ...(outcome !== undefined && { outcome }),
      });
      return toConnection(found, toOutcome);
    },
  },
  Mutation: {
    async fraudRuleSetVersionCreate(_, { input }, { fraud }) {
      try {
        const version = await fraud.ruleSets.createVersion({
          channelId: input.channelId ?? null,
          settings: input.settings,
          note: noteInput(input.note),
          actor: actorInput(input.actor),
        });
        return { __typename: 'FraudRuleSetVersionPayload', version: toVersion(version) };
      } catch (error) {
        return toInputError(error);
      }
    },
    async fraudRuleSetVersionMove(_, { input }, { fraud }) {
      try {
        const version = await fraud.ruleSets.move({
          versionId: input.id,
          to: fromEnum(input.to),
          note: noteInput(input.note),
          actor: actorInput(input.actor),
        });
        return { __typename: 'FraudRuleSetVersionPayload', version: toVersion(version) };
      } catch (error) {
        return toInputError(error);
      }
    },
    async fraudListEntryAdd(_, { input }, { fraud }) {
      try {
        const entry = await fraud.lists.add({
          effect: fromEnum(input.effect),
          kind: fromEnum(input.kind),
          value: input.value ?? undefined,
          checkoutId: input.checkoutId ?? undefined,
          label: textInput(input.label, 'label', MAX_LABEL_LENGTH),
          reason: textInput(input.reason, 'reason', MAX_NOTE_LENGTH),
          expiresAt: input.expiresAt ?? undefined,
          actor: actorInput(input.actor),
        });
        return { __typename: 'FraudListEntryPayload', entry: toListEntry(entry) };
      } catch (error) {
        return toInputError(error);
      }
    },
    async fraudListEntryRemove(_, { input }, { fraud }) {
      try {
        const entry = await fraud.lists.remove({ id: input.id, actor: actorInput(input.actor) });
        return { __typename: 'FraudListEntryPayload', entry: toListEntry(entry) };
      } catch (error) {
        return toInputError(error);
      }
    },
    async fraudReviewClaim(_, { input }, { fraud }) {
      try {
        const claim = { checkoutId: input.checkoutId, minutes: input.minutes ?? undefined, actor: actorInput(input.actor) };
        return { __typename: 'FraudReviewClaimPayload', review: toReview(await fraud.reviews.claim(claim)) };
      } catch (error) {
        return toInputError(error);
      }
    },
    async fraudReviewRelease(_, { input }, { fraud }) {
      try {
        const review = await fraud.reviews.release({ checkoutId: input.checkoutId, actor: actorInput(input.actor) });
        return { __typename: 'FraudReviewClaimPayload', review: toReview(review) };
      } catch (error) {
        return toInputError(error);
      }
    },
    async fraudReviewNoteAdd(_, { input }, { fraud }) {
      try {
        const note = await fraud.reviews.addNote({
          checkoutId: input.checkoutId,
          text: textInput(input.text, 'text', MAX_NOTE_LENGTH),
          actor: actorInput(input.actor),
        });
        return { __typename: 'FraudReviewNotePayload', note };
      } catch (error) {
        return toInputError(error);
      }
    },
    async fraudOutcomeReport(_, { input }, { fraud }) {
      try {
        const outcome = await fraud.reportOutcome({
          ...checkoutOrOrder(input.checkoutId, input.orderId),
          outcome: fromEnum(input.outcome),
          source: 'operator',
          note: noteInput(input.note),
          actor: actorInput(input.actor),
        });
        return { __typename: 'FraudOutcomePayload', outcome: toOutcome(outcome) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
};
