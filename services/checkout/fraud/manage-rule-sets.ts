import { parseRuleSetSettings } from '../../../domain/checkout/fraud/fraud-settings.ts';
import {
  MAX_SHADOWS,
  ruleSetVersionTransitions,
  type RuleSetVersion,
  type RuleSetVersionState,
} from '../../../domain/checkout/fraud/rule-set.ts';
import { DomainError, notFound } from '../../../domain/shared/errors.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import type { Page, PageRequest } from '../../../domain/shared/page.ts';
import type { Stores, Work } from '../../stores.ts';

export interface NewRuleSetVersion {
  /** Null: for every channel without an active version of its own. */
  readonly channelId: string | null;
  readonly settings: unknown;
  readonly note?: string | undefined;
  readonly actor: string;
}

/** Rule sets as operators manage them. */
export interface RuleSetService {
  /** Newest first. */
  list(page: PageRequest, filter: { channelId?: string | null; state?: RuleSetVersionState }): Promise<Page<RuleSetVersion>>;
  find(versionId: string): Promise<RuleSetVersion | undefined>;
  /** Adds a draft. Raises INVALID_INPUT naming the setting at fault, NOT_FOUND for the channel. */
  createVersion(version: NewRuleSetVersion): Promise<RuleSetVersion>;
  /**
   * Moves a version to another state; the one that it supersedes is retired in the same transaction. Moving it where it is changes
   * nothing. Raises NOT_FOUND, INVALID_TRANSITION, and CONFLICT when there are too many in shadow.
   */
  move(move: {
    versionId: string;
    to: Exclude<RuleSetVersionState, 'draft'>;
    actor: string;
    note?: string | undefined;
  }): Promise<RuleSetVersion>;
}

export function createRuleSetService({ work, newId }: { work: Work; newId: IdGenerator }): RuleSetService {
  async function makeRoom(stores: Stores, ruleSetId: string, to: RuleSetVersionState): Promise<RuleSetVersion | undefined> {
    if (to === 'shadow' && (await stores.fraud.ruleSets.inState(ruleSetId, 'shadow')).length >= MAX_SHADOWS) {
      throw new DomainError('CONFLICT', `${MAX_SHADOWS} versions are in shadow already: retire one first`, 'id');
    }
    if (to !== 'active') return undefined;
    const [superseded] = await stores.fraud.ruleSets.inState(ruleSetId, 'active');
    return superseded && stores.fraud.ruleSets.setState(superseded.id, 'retired');
  }

  return {
    list: (page, filter) => work.stores.fraud.ruleSets.list(page, filter),
    find: (versionId) => work.stores.fraud.ruleSets.get(versionId),

    async createVersion({ channelId, settings: written, note, actor }) {
      const settings = parseRuleSetSettings(written);
      return work.transaction(async (stores) => {
        const { ruleSets } = stores.fraud;
        if (channelId !== null && !(await ruleSets.channelExists(channelId))) throw notFound('The channel', 'channelId');
        const ruleSetId = await ruleSets.lockSet(newId('fraudRuleSet'), channelId);
        const version = await ruleSets.addVersion({
          id: newId('fraudRuleSetVersion'),
          ruleSetId,
          settings,
          note: note ?? null,
          createdBy: actor,
        });
        await stores.audit.append({
          actor,
          action: 'fraud_rule_set.version_created',
          subjectId: version.id,
          detail: { channelId, number: version.number },
        });
        return version;
      });
    },

    move: ({ versionId, to, actor, note }) =>
      work.transaction(async (stores) => {
        const { ruleSets } = stores.fraud;
        const seen = await ruleSets.get(versionId);
        if (!seen) throw notFound('The version', 'id');
        const ruleSetId = await ruleSets.lockSet(newId('fraudRuleSet'), seen.channelId);
        // Read again under the lock: somebody may have moved it in between.
        const version = (await ruleSets.get(versionId)) ?? seen;
        if (version.state === to) return version;
        ruleSetVersionTransitions.assertTransition(version.state, to);
        const superseded = await makeRoom(stores, ruleSetId, to);
        const moved = await ruleSets.setState(versionId, to);
        const detail = {
          from: version.state,
          ...(superseded && { superseded: superseded.id }),
          ...(note !== undefined && { note }),
        };
        await stores.audit.append({ actor, action: `fraud_rule_set.${to}`, subjectId: versionId, detail });
        return moved;
      }),
  };
}
