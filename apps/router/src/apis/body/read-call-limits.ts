import type { MemberSpan } from './scan-members.js';

/** What a body says about how long its answers may become. Nothing here is capped: what is too large is the reservation's to judge. */
export interface CallLimits {
  /** Texts that are completed or embedded, each on its own. */
  readonly prompts: number;
  /** Answers in all: those of one prompt, times the prompts. */
  readonly answers: bigint;
  /** Tokens of one answer; undefined where the client sets no limit that a pod could obey. */
  readonly outputTokensMax: number | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Pods obey one or the other of these and ignore the rest, so the largest counts. */
const OUTPUT_LIMITS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'n_predict'];
const CHOICES = ['n', 'best_of'];
const PROMPTS = ['prompt', 'input'];
const NUMBER_PATTERN = /^\s*\+?\d{1,30}(\.0*)?\s*$/;

/** Reads the limits. A member that stands there several times counts with its largest value: pods differ in which one they take. */
export function readCallLimits(body: JsonObject, members: readonly MemberSpan[], bytes: Buffer): CallLimits {
  const repeated = hasRepeated(members);
  const valuesOf = (name: string): unknown[] => (repeated ? allValues(name, body, members, bytes) : [body[name]]);
  const largest = (names: readonly string[]): number | undefined => {
    let found: number | undefined;
    for (const name of names)
      for (const value of valuesOf(name)) {
        const limit = positiveInteger(value);
        if (limit !== undefined && (found === undefined || limit > found)) found = limit;
      }
    return found;
  };
  let prompts = 1;
  for (const name of PROMPTS) for (const value of valuesOf(name)) prompts = Math.max(prompts, promptsIn(value));
  return {
    prompts,
    answers: BigInt(largest(CHOICES) ?? 1) * BigInt(prompts),
    outputTokensMax: largest(OUTPUT_LIMITS),
  };
}

/** A number counts, and a text that is nothing but one; what is no positive integer is as good as absent. */
function positiveInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && NUMBER_PATTERN.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number > 0 ? number : undefined;
}

/** An array of texts or of token lists is as many prompts; one of tokens, or of message items, is one. */
function promptsIn(value: unknown): number {
  if (!Array.isArray(value)) return 1;
  const items = value as unknown[];
  return items.some((item) => typeof item === 'string' || Array.isArray(item)) ? items.length : 1;
}

function hasRepeated(members: readonly MemberSpan[]): boolean {
  return new Set(members.map(({ name }) => name)).size !== members.length;
}

function allValues(name: string, body: JsonObject, members: readonly MemberSpan[], bytes: Buffer): unknown[] {
  const spans = members.filter((member) => member.name === name);
  if (spans.length <= 1) return [body[name]];
  return spans.map(({ valueStart, valueEnd }) => JSON.parse(bytes.toString('utf8', valueStart, valueEnd)) as unknown);
}
