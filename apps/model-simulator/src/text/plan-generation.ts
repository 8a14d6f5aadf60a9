import { completionText, fillerSentence, reasoningText } from './completion-text.js';
import { NO_DEMANDS, planReply, type ReplyDemands, type Stretch } from './plan-reply.js';
import { countTokens, splitTokens } from './tokenizer.js';

/** What a request allows the model to produce. */
export interface Sampling {
  readonly tokensMax: number | undefined;
  readonly stop: readonly string[];
  /** Choices per prompt. */
  readonly choices: number;
  /** vLLM's `ignore_eos`: go on until `tokensMax`. */
  readonly ignoreEnd: boolean;
}

/** A stretch of an answer, in the pieces in which it is sent. */
export interface PlannedPart {
  readonly kind: Stretch['kind'];
  /** Of a call: the function. */
  readonly name: string;
  readonly pieces: readonly string[];
}

export interface PlannedChoice {
  readonly index: number;
  /** At least one, and none without a piece where there are several. */
  readonly parts: readonly PlannedPart[];
  /** Those of all parts. */
  readonly pieces: readonly string[];
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
}

/** A generation, decided before its first token is sent: only its timing is still open. */
export interface GenerationPlan {
  readonly choices: readonly PlannedChoice[];
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Tokens of the prompt that the cache spared; undefined where there is no cache. */
  readonly cachedTokens?: number;
  /** How long the prompt's other tokens keep the first one of the answer waiting. */
  readonly promptMs?: number;
}

/** Where piece `step` of a choice belongs. */
export interface PlacedPiece {
  readonly part: PlannedPart;
  readonly partIndex: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** @throws RangeError where the choice has no such piece. */
export function placeOf({ parts }: PlannedChoice, step: number): PlacedPiece {
  let before = 0;
  for (const [partIndex, part] of parts.entries()) {
    const at = step - before;
    if (at < part.pieces.length) return { part, partIndex, isFirst: at === 0, isLast: at === part.pieces.length - 1 };
    before += part.pieces.length;
  }
  throw new RangeError(`a choice has no piece ${step}`);
}

/** The pieces of one kind. */
export function piecesOf({ parts }: PlannedChoice, kind: PlannedPart['kind']): readonly string[] {
  return parts.filter((part) => part.kind === kind).flatMap(({ pieces }) => pieces);
}

/** Pieces of all choices' thoughts. */
export function reasoningTokens({ choices }: GenerationPlan): number {
  return choices.reduce((sum, choice) => sum + piecesOf(choice, 'reasoning').length, 0);
}

/** The most tokens one choice can have, whatever the request says. */
const COMPLETION_TOKENS_MAX = 32_768;
const ENDLESS_TOKENS_DEFAULT = 1024;

/** Plans one choice for each prompt × `sampling.choices`, in OpenAI's order: all choices of the first prompt first. */
export function planGeneration(
  prompts: readonly string[],
  promptTokens: number,
  model: string,
  sampling: Sampling,
  demands: ReplyDemands = NO_DEMANDS,
): GenerationPlan {
  const choices = prompts.flatMap((prompt, promptIndex) =>
    Array.from({ length: sampling.choices }, (_, variant) => {
      const index = promptIndex * sampling.choices + variant;
      const demanded = planReply(demands, prompt);
      const reply = demanded ?? [{ kind: 'text' as const, text: completionText(prompt, model, variant) }];
      const stretches = demands.reasons ? [{ kind: 'reasoning' as const, text: reasoningText(prompt) }, ...reply] : reply;
      // Only its length can cut an answer in a form that was asked for.
      return planChoice(index, stretches, demanded === undefined ? sampling : { ...sampling, stop: [], ignoreEnd: false });
    }),
  );
  return { choices, promptTokens, completionTokens: choices.reduce((sum, choice) => sum + choice.pieces.length, 0) };
}

function planChoice(index: number, stretches: readonly Stretch[], sampling: Sampling): PlannedChoice {
  let left = Math.min(
    sampling.tokensMax ?? (sampling.ignoreEnd ? ENDLESS_TOKENS_DEFAULT : COMPLETION_TOKENS_MAX),
    COMPLETION_TOKENS_MAX,
  );
  let isCut = false;
  let isStopped = false;
  const parts: PlannedPart[] = [];
  for (const stretch of stretches) {
    const isText = stretch.kind === 'text';
    const whole = isText && sampling.ignoreEnd ? extendTo(stretch.text, left + 1) : stretch.text;
    let pieces = splitTokens(whole, left);
    const text = pieces.join('');
    const stopAt = isText ? firstStop(text, sampling.stop) : undefined;
    if (stopAt !== undefined) pieces = splitTokens(text.slice(0, stopAt));
    isStopped ||= stopAt !== undefined;
    isCut ||= text.length < whole.length;
    left -= pieces.length;
    if (pieces.length > 0) parts.push({ kind: stretch.kind, name: stretch.kind === 'call' ? stretch.name : '', pieces });
  }
  if (parts.length === 0) parts.push({ kind: 'text', name: '', pieces: [] });
  const finishReason = isCut && !isStopped ? 'length' : parts.some(({ kind }) => kind === 'call') ? 'tool_calls' : 'stop';
  return { index, parts, pieces: parts.flatMap(({ pieces }) => pieces), finishReason };
}

function extendTo(reply: string, tokens: number): string {
  let text = reply;
  // A sentence starts with a space, so its tokens do not merge with those before it and can be counted alone.
  for (let count = countTokens(reply), index = 0; count < tokens; index += 1) {
    const sentence = fillerSentence(index);
    text += sentence;
    count += countTokens(sentence);
  }
  return text;
}

function firstStop(text: string, stops: readonly string[]): number | undefined {
  const positions = stops.map((stop) => text.indexOf(stop)).filter((position) => position >= 0);
  return positions.length === 0 ? undefined : Math.min(...positions);
}
