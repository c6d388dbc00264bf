import { signAbove, type FraudRule, type FraudSign, type Thresholds } from './fraud-rule.ts';

const manyCheckouts = (count: number, what: string, thresholds: Thresholds): FraudSign | undefined =>
  signAbove(count, thresholds, `${count} other checkouts ${what} in the last hour`);

/** One person does not check out this often. */
export const emailVelocity: FraudRule = ({ velocity }) =>
  manyCheckouts(velocity.emailLastHour, 'with this e-mail address', { elevated: 5, high: 10 });

export const cardVelocity: FraudRule = ({ velocity }) =>
  manyCheckouts(velocity.cardLastHour, 'with this card', { elevated: 5, high: 10 });

/** An address may be an office or a dormitory. */
export const addressVelocity: FraudRule = ({ velocity }) =>
  manyCheckouts(velocity.addressLastHour, 'to this address', { elevated: 10, high: 25 });

/** A network address may be a company's, a campus's or a mobile carrier's gateway: generous. */
export const networkVelocity: FraudRule = ({ velocity }) =>
  manyCheckouts(velocity.networkLastHour, 'from this network', { elevated: 30, high: 100 });

/** A busy network has its declines too; where most are declined, somebody tries out stolen cards. */
export const networkDeclines: FraudRule = ({ velocity }) => {
  const declines = velocity.declinesByNetworkLastHour;
  const share = declines / Math.max(velocity.networkLastHour, declines, 1);
  if (share < 0.25) return undefined;
  const thresholds = { elevated: 5, high: share < 0.5 ? Infinity : 15 };
  return signAbove(declines, thresholds, `${declines} declined payments from this network in the last hour`);
};

export const manyCards: FraudRule = ({ velocity }) =>
  signAbove(
    velocity.distinctCardsByEmailLastDay,
    { elevated: 3, high: 5 },
    `${velocity.distinctCardsByEmailLastDay} different cards with this e-mail address in the last day`,
  );
