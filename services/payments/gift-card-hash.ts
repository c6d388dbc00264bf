import { normalizeGiftCardCode } from '../../domain/payments/gift-card-code.ts';
import type { KeyedHash } from '../checkout/cart-tokens.ts';

/** What is stored of a code: who reads the database cannot spend the card. */
export const giftCardHash = (keyedHash: KeyedHash, code: string): string => keyedHash('gift_card', normalizeGiftCardCode(code));
