import type { CollectionService } from '../../services/orders/collections/collection-service.ts';
import type { CollectionTries } from '../../services/orders/collections/collection-tries.ts';
import type { CollectionActivities, CollectionSteps } from '../../temporal/contracts/collections.ts';
import { withFailures } from '../failures.ts';
import { whileHeartbeating } from '../heartbeat.ts';

/** The steps of a balance that is due, and what is said to the gateways. */
export const createCollectionActivities = (collections: CollectionService, tries: CollectionTries): CollectionSteps & CollectionActivities =>
  withFailures({
    loadCollection: ({ collectionId }) => collections.load(collectionId),
    beginBalanceTry: ({ collectionId, ...wish }) => collections.beginTry(collectionId, wish),
    beginSavedMethodTry: ({ collectionId }) => collections.beginSavedMethodTry(collectionId),
    announceBalance: ({ collectionId }) => collections.announce(collectionId),
    remindOfBalance: ({ collectionId }) => collections.remind(collectionId),
    endBalance: ({ collectionId }) => collections.end(collectionId),
    payBalanceTry: ({ paymentId }) => whileHeartbeating(() => tries.pay(paymentId)),
    stopBalanceTry: ({ paymentId }) => whileHeartbeating(() => tries.stop(paymentId)),
  } satisfies CollectionSteps & CollectionActivities);
