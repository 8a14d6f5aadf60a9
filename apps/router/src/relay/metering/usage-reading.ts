import { estimateTokens, type Units } from '@ecolink/contracts';

/** Usage as an upstream reported it; an explicit zero is a report, an absent number is none. */
export interface ReportedUsage {
  readonly inputTokens: number | undefined;
  readonly cachedInputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** No call has more tokens of a kind; a count above it is a defect of its pod, and treated as not reported. */
const COUNT_MAX = 100_000_000;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads an OpenAI `usage` object; `undefined` when there is none, or it has no number at all. */
export function readUsage(value: unknown): ReportedUsage | undefined {
  if (!isObject(value)) return undefined;
  const details = value['prompt_tokens_details'] ?? value['input_tokens_details'];
  const usage = {
    inputTokens: count(value['prompt_tokens']) ?? count(value['input_tokens']),
    cachedInputTokens: isObject(details) ? count(details['cached_tokens']) : undefined,
    outputTokens: count(value['completion_tokens']) ?? count(value['output_tokens']),
  };
  return usage.inputTokens === undefined && usage.outputTokens === undefined ? undefined : usage;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= COUNT_MAX ? value : undefined;
}

/** Output that was relayed to a client. */
export interface DeliveredOutput {
  /** UTF-8 bytes of generated text. */
  readonly bytes: number;
  /** Frames of a stream that held generated text; 0 for an answer that is no stream. */
  readonly frames: number;
}

export const NO_OUTPUT: DeliveredOutput = { bytes: 0, frames: 0 };

export interface MeteredUnits {
  readonly units: Units;
  /** True when any token count was made from bytes. */
  readonly estimated: boolean;
  /** The pod reported more cached tokens than input tokens; none was counted as cached. */
  readonly cachedAboveInput?: boolean;
}

/** Output tokens by what was delivered: no token makes two frames, and four bytes are one. */
function estimateOutputTokens({ bytes, frames }: DeliveredOutput): number {
  return Math.max(estimateTokens(bytes), frames);
}

/**
 * What a call is billed for: as reported, and counted from what was delivered where nothing was reported.
 * @param uncounted output that was delivered after the last report; all of it where there is none.
 */
export function unitsOf(reported: ReportedUsage | undefined, promptTokens: number, uncounted: DeliveredOutput): MeteredUnits {
  const uncountedTokens = estimateOutputTokens(uncounted);
  const input = reported?.inputTokens ?? promptTokens;
  const cached = reported?.cachedInputTokens;
  const cachedAboveInput = cached !== undefined && cached > input;
  return {
    units: {
      requests: 1,
      input_tokens: input,
      output_tokens: (reported?.outputTokens ?? 0) + uncountedTokens,
      ...(cached === undefined ? {} : { cached_input_tokens: cachedAboveInput ? 0 : cached }),
    },
    // An embedding reports its prompt only: it has no output to estimate.
    estimated: reported?.inputTokens === undefined || uncountedTokens > 0,
    ...(cachedAboveInput ? { cachedAboveInput } : {}),
  };
}
