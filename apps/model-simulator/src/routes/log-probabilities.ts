import { flag, optionalInteger } from './parse-fields.js';
import type { JsonObject } from './parse-json-object.js';

const ALTERNATIVES_MAX = 20;
/** The simulated model is always this sure. */
const SURE = -0.105;
const UNSURE = -3.2;

/** How many alternatives are wanted for each token; undefined = no log probabilities at all. */
export function parseLogProbabilities(body: JsonObject): number | undefined {
  const alternatives = optionalInteger(body, 'top_logprobs', 0, ALTERNATIVES_MAX);
  return flag(body, 'logprobs') ? (alternatives ?? 0) : undefined;
}

export function logProbabilities(alternatives: number | undefined, pieces: readonly string[]): object | null {
  if (alternatives === undefined) return null;
  return {
    content: pieces.map((piece) => ({ ...tokenOf(piece, SURE), top_logprobs: topOf(piece, alternatives) })),
    refusal: null,
  };
}

function topOf(piece: string, alternatives: number): object[] {
  return Array.from({ length: alternatives }, (_, rank) =>
    rank === 0 ? tokenOf(piece, SURE) : tokenOf(`${piece}~${rank}`, UNSURE - rank),
  );
}

function tokenOf(token: string, logprob: number): object {
  return { token, logprob, bytes: [...Buffer.from(token)] };
}
