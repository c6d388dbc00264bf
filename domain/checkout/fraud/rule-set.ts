import type { Page, PageRequest } from '../../shared/page.ts';
import { defineTransitions } from '../../shared/state-machine.ts';
import type { FraudSettings } from './fraud-rules.ts';

/**
 * The life of a version. `draft`: written, never asked · `shadow`: asked about every real checkout, never acted upon ·
 * `active`: decides · `retired`: kept, and may be taken up again (rollback).
 */
export const ruleSetVersionTransitions = defineTransitions('rule set version', {
  draft: ['shadow', 'active', 'retired'],
  shadow: ['active', 'retired'],
  active: ['retired'],
  retired: ['shadow', 'active'],
});

export type RuleSetVersionState = (typeof ruleSetVersionTransitions.states)[number];

/** Each is evaluated for every checkout, so there are few. */
export const MAX_SHADOWS = 3;

/** One version of a channel's rule set, or of that of all channels without an active version of their own. Its settings never change. */
export interface RuleSetVersion {
  readonly id: string;
  /** Null: all channels. */
  readonly channelId: string | null;
  /** 1, 2, 3 … within the rule set. */
  readonly number: number;
  readonly state: RuleSetVersionState;
  readonly settings: FraudSettings;
  readonly note: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  /** When it became active last. */
  readonly activatedAt: Date | null;
}

/** What is asked about a checkout of a channel. */
export interface FraudPolicy {
  /** The channel's own active version, else that of all channels; undefined when neither has one. */
  readonly active: Pick<RuleSetVersion, 'id' | 'settings'> | undefined;
  readonly shadows: readonly Pick<RuleSetVersion, 'id' | 'settings'>[];
}

/** Where rule sets are kept. */
export interface RuleSetStore {
  policy(channelId: string): Promise<FraudPolicy>;
  channelExists(channelId: string): Promise<boolean>;
  /** Makes the rule set if need be, locks it until the transaction ends and gives its id. */
  lockSet(newSetId: string, channelId: string | null): Promise<string>;
  /** Adds a draft with the next number. The rule set must be locked. */
  addVersion(
    version: Pick<RuleSetVersion, 'id' | 'settings' | 'note' | 'createdBy'> & { ruleSetId: string },
  ): Promise<RuleSetVersion>;
  get(versionId: string): Promise<RuleSetVersion | undefined>;
  /** The versions of the rule set in this state. */
  inState(ruleSetId: string, state: RuleSetVersionState): Promise<RuleSetVersion[]>;
  setState(versionId: string, state: RuleSetVersionState): Promise<RuleSetVersion>;
  /** Newest first. `channelId: null` asks for those of all channels. */
  list(page: PageRequest, filter: { channelId?: string | null; state?: RuleSetVersionState }): Promise<Page<RuleSetVersion>>;
}
