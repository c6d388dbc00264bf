import { boundedTexts, normalize, type Embedder } from '../../domain/search/embedding.ts';
import { foldText } from '../../domain/search/fold-words.ts';

const DIMENSIONS = 256;
const GRAM = 3;
/** Whole words say more than the pieces that they have in common with others. */
const WORD_WEIGHT = 1;
const GRAM_WEIGHT = 0.4;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

function hash(text: string): number {
  let value = FNV_OFFSET;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), FNV_PRIME);
  // FNV mixes its lowest bits badly.
  value ^= value >>> 15;
  value = Math.imul(value, 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/** Adds a feature to one dimension, in a direction that is the feature's own, so that collisions cancel out on the whole. */
function add(vector: Float32Array, feature: string, weight: number): void {
  const value = hash(feature);
  const index = value % DIMENSIONS;
  vector[index] = (vector[index] ?? 0) + (value & 0x8000_0000 ? weight : -weight);
}

function hashed(text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  for (const word of foldText(text).match(/[\p{L}\p{N}]+/gu) ?? []) {
    add(vector, `=${word}`, WORD_WEIGHT);
    const edged = `^${word}$`;
    for (let start = 0; start + GRAM <= edged.length; start += 1) add(vector, edged.slice(start, start + GRAM), GRAM_WEIGHT);
  }
  return normalize(vector);
}

/**
 * Words and their pieces of three characters, hashed: texts that are spelled alike are near each other, whatever they mean. No model,
 * no network, any language, a few microseconds: what is left where no model can be had.
 */
export function createHashEmbedder(): Embedder {
  return {
    model: 'local-hash-256-1',
    dimensions: DIMENSIONS,
    embed: async (texts) => boundedTexts(texts).map(hashed),
  };
}
