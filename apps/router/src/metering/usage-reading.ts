import { estimateTokens, type Units } from '@ecolink/contracts';

/** Usage as an upstream reported it; an explicit zero is a report, an absent number is none. */
export interface ReportedUsage {
  readonly inputTokens: number | undefined;
  readonly cachedInputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

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
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export interface MeteredUnits {
  readonly units: Units;
  /** True when any token count was made from bytes. */
  readonly estimated: boolean;
}

/** What a call is billed for: as reported, and counted from bytes where nothing was reported. */
export function unitsOf(reported: ReportedUsage | undefined, promptBytes: number, outputBytes: number): MeteredUnits {
  const input = reported?.inputTokens ?? estimateTokens(promptBytes);
  // An embedding reports its prompt only: it has no output to estimate.
  const output = reported?.outputTokens ?? (reported === undefined || outputBytes > 0 ? estimateTokens(outputBytes) : 0);
  const cached = reported?.cachedInputTokens;
  return {
    units: {
      requests: 1,
      input_tokens: input,
      output_tokens: output,
      ...(cached === undefined ? {} : { cached_input_tokens: cached }),
    },
    estimated: reported?.inputTokens === undefined || (reported.outputTokens === undefined && outputBytes > 0),
  };
}
