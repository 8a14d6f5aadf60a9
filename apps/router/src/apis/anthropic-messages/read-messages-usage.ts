import { isObject, readUsage, type ReportedUsage } from '../../relay/metering/usage-reading.js';

/** Anthropic counts cached tokens beside the input; on a bill they are part of it. */
export function readMessagesUsage(value: unknown): ReportedUsage | undefined {
  if (!isObject(value)) return undefined;
  const cached = value['cache_read_input_tokens'];
  const usage = readUsage({ ...value, input_tokens_details: { cached_tokens: cached } });
  if (usage?.inputTokens === undefined) return usage;
  return { ...usage, inputTokens: usage.inputTokens + countOf(cached) + countOf(value['cache_creation_input_tokens']) };
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
