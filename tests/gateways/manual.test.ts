import { gatewayConformance } from './conformance.ts';
import { startHouseTarget } from './house-target.ts';

for (const method of ['bank_transfer', 'cash_on_delivery']) {
  gatewayConformance(`manual, by ${method}`, () => startHouseTarget('manual', () => ({ pays: method })));
}
