import { splitTokens } from '../text/tokenizer.js';
import { hashText, seededRandom } from '../timing/seeded-random.js';

const DIMENSIONS_PER_TOKEN = 8;
const WHOLE_TEXT_WEIGHT = 0.05;

/**
 * A unit vector, the same for the same text and length. Each token adds to a few dimensions chosen by its hash, so texts that share
 * words are closer than texts that do not; the hash of the whole text adds a little everywhere, so that no two texts are equal.
 */
export function embeddingVector(text: string, dimensions: number): Float32Array {
  const sums = new Float64Array(dimensions);
  for (const piece of splitTokens(text)) {
    const random = seededRandom(hashText(piece.trim().toLowerCase()));
    for (let count = 0; count < DIMENSIONS_PER_TOKEN; count += 1) {
      const at = Math.floor(random() * dimensions);
      sums[at] = (sums[at] ?? 0) + (random() < 0.5 ? -1 : 1);
    }
  }
  const random = seededRandom(hashText(text));
  for (let at = 0; at < dimensions; at += 1) sums[at] = (sums[at] ?? 0) + WHOLE_TEXT_WEIGHT * (random() - 0.5);
  const length = Math.sqrt(sums.reduce((sum, value) => sum + value * value, 0));
  return Float32Array.from(sums, (value) => value / length);
}
