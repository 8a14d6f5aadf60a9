import { completionText, fillerSentence } from './completion-text.js';
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

export interface PlannedChoice {
  readonly index: number;
  readonly pieces: readonly string[];
  readonly finishReason: 'stop' | 'length';
}

/** A generation, decided before its first token is sent: only its timing is still open. */
export interface GenerationPlan {
  readonly choices: readonly PlannedChoice[];
  readonly promptTokens: number;
  readonly completionTokens: number;
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
): GenerationPlan {
  const choices = prompts.flatMap((prompt, promptIndex) =>
    Array.from({ length: sampling.choices }, (_, variant) =>
      planChoice(promptIndex * sampling.choices + variant, completionText(prompt, model, variant), sampling),
    ),
  );
  return { choices, promptTokens, completionTokens: choices.reduce((sum, choice) => sum + choice.pieces.length, 0) };
}

function planChoice(index: number, reply: string, sampling: Sampling): PlannedChoice {
  const tokensMax = Math.min(
    sampling.tokensMax ?? (sampling.ignoreEnd ? ENDLESS_TOKENS_DEFAULT : COMPLETION_TOKENS_MAX),
    COMPLETION_TOKENS_MAX,
  );
  const whole = sampling.ignoreEnd ? extendTo(reply, tokensMax + 1) : reply;
  const allowed = splitTokens(whole, tokensMax);
  const text = allowed.join('');
  const stopAt = firstStop(text, sampling.stop);
  if (stopAt !== undefined) return { index, pieces: splitTokens(text.slice(0, stopAt)), finishReason: 'stop' };
  return { index, pieces: allowed, finishReason: text.length < whole.length ? 'length' : 'stop' };
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
