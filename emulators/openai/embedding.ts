import { createHash } from 'node:crypto';

/** Models that the emulator knows, with the length of their vectors. */
export const MODELS: Readonly<Record<string, { readonly dimensions: number; readonly shortens: boolean }>> = {
  'text-embedding-3-small': { dimensions: 1_536, shortens: true },
  'text-embedding-3-large': { dimensions: 3_072, shortens: true },
  'text-embedding-ada-002': { dimensions: 1_536, shortens: false },
  'emulated-small': { dimensions: 384, shortens: false },
};

/** Four dimensions of each word, so that texts with words in common are near each other. */
export function embeddingOf(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const digest = createHash('sha256').update(word).digest();
    for (let at = 0; at < 16; at += 4) {
      const value = digest.readUInt32BE(at);
      const index = value % dimensions;
      vector[index] = (vector[index] ?? 0) + (value & 0x8000_0000 ? 1 : -1);
    }
  }
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** About what the real tokenizer counts for English. */
export const tokensOf = (text: string): number => Math.max(1, Math.ceil(text.length / 4));
