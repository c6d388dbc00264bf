/** Runs the ERP by itself: it takes orders, and tells of a parcel for each after a while. See README.md. */
import { setTimeout as delay } from 'node:timers/promises';
import { Erp } from './erp.ts';

const { ERP_OUTBOUND = '.headlesspro/erp/outbound', ERP_INBOUND = '.headlesspro/erp/inbound', ERP_SHIPS_AFTER_MS = '30000' } = process.env;
const shipsAfterMs = Number(ERP_SHIPS_AFTER_MS);
if (!Number.isInteger(shipsAfterMs) || shipsAfterMs < 0) throw new Error('ERP_SHIPS_AFTER_MS must be a whole number of milliseconds');

const erp = new Erp({ orders: ERP_OUTBOUND, files: ERP_INBOUND });
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
console.log(`ERP emulator: takes orders from ${ERP_OUTBOUND}, sends files to ${ERP_INBOUND}`);

const due: { number: string; at: number }[] = [];
let seen = 0;
while (!stopping.signal.aborted) {
  await erp.takeOrders();
  const rows = erp.rows().slice(seen);
  seen += rows.length;
  for (const number of new Set(rows.filter(({ event }) => event === 'placed').map((row) => row.order_number))) {
    console.log(`has order ${number}`);
    due.push({ number, at: Date.now() + shipsAfterMs });
  }
  const shipped = due.filter(({ at }) => at <= Date.now());
  if (shipped.length > 0) {
    due.splice(0, shipped.length);
    await erp.send('tracking', shipped.map(({ number }) => ({ order_number: number, carrier: 'Parcel Post', tracking_number: `ERP-${number}` })));
    console.log(`has sent ${shipped.map(({ number }) => number).join(', ')}`);
  }
  await delay(1_000, undefined, { signal: stopping.signal }).catch(() => undefined);
}
