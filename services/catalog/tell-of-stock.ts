import type { StockChangeCause, StockLevelSnapshot } from '../../domain/catalog/stock.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { NewEvent } from '../../domain/webhooks/outbox-store.ts';

/** The event of what lies on a shelf having changed by so many units. `level`: as it is now. */
export const levelChanged = (newId: IdGenerator, level: StockLevelSnapshot, cause: StockChangeCause, change: number): NewEvent => ({
  id: newId('event'),
  type: 'inventory.level_changed',
  aggregateId: level.stockLevelId,
  payload: { ...level, cause, change },
});
