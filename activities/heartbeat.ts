import { activityInfo, heartbeat } from '@temporalio/activity';

const EVERY_MS = 1_000;

/** Runs a call while telling Temporal that we live, so that a killed worker is noticed within the heartbeat time-out. */
export async function whileHeartbeating<T>(call: () => Promise<T>): Promise<T> {
  if (activityInfo().isLocal) return call();
  const timer = setInterval(() => heartbeat(), EVERY_MS);
  try {
    return await call();
  } finally {
    clearInterval(timer);
  }
}
