import { cardNumberRefused } from '../../domain/shared/card-data.ts';
import { containsCardNumber } from '../../domain/shared/card-number.ts';
import { invalid } from '../../domain/shared/errors.ts';

const CONTROL = /[\p{Cc}\p{Cs}]/u;

/** A required line of text, trimmed. Raises INVALID_INPUT naming `field` when it is empty, too long or not one line. */
export function textInput(value: string, field: string, maxLength: number): string {
  const text = value.trim();
  if (text === '') throw invalid(field, 'Must not be empty');
  if (text.length > maxLength) throw invalid(field, `Must have at most ${maxLength} characters`);
  if (CONTROL.test(text)) throw invalid(field, 'Must be one line of text');
  if (containsCardNumber(text)) throw cardNumberRefused(field);
  return text;
}

/** As `textInput`, for what may be left out. */
export const optionalTextInput = (value: string | null | undefined, field: string, maxLength: number): string | undefined =>
  value == null || value.trim() === '' ? undefined : textInput(value, field, maxLength);

const MAX_URL_LENGTH = 2_000;

/** A web address as an operator types it; only such that a browser opens. */
export function urlInput(value: string | null | undefined, field: string): string | undefined {
  const text = optionalTextInput(value, field, MAX_URL_LENGTH);
  if (text !== undefined && !/^https?:\/\/\S+$/i.test(text)) throw invalid(field, 'Must be an http or https address');
  return text;
}

/** Longest name of an operator, and longest reason, note or resolution. */
export const MAX_ACTOR_LENGTH = 200;
export const MAX_NOTE_LENGTH = 2_000;
