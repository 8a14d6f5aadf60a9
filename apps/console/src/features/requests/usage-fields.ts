import { countText } from '../../format/count.js';
import { latencyText } from '../../format/duration.js';
import { text } from '../../text/index.js';
import type { RequestRow } from './queries.js';

export interface UsageField {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
}

/** What was counted of a call, and by what; nothing for a call that never reached a model. */
export function usageFields({ units, estimated, ttft_ms: ttft, duration_ms: total }: RequestRow): UsageField[] {
  if (units === null) return [];
  const t = text.requests.drawer;
  const { input_tokens: input, cached_input_tokens: cached = 0, output_tokens: output } = units;
  const fields: UsageField[] = [];
  if (input !== undefined)
    fields.push({ label: t.tokensIn, value: countText(input), ...(cached > 0 ? { note: t.cached(countText(cached)) } : {}) });
  if (output !== undefined) {
    const seconds = ttft === null ? 0 : (total - ttft) / 1_000;
    fields.push({
      label: t.tokensOut,
      value: countText(output),
      ...(seconds > 0 && output > 0 ? { note: t.rate((output / seconds).toFixed(1)) } : {}),
    });
  }
  if (units.images !== undefined) fields.push({ label: t.images, value: countText(units.images) });
  if (units.audio_milliseconds !== undefined) fields.push({ label: t.audio, value: latencyText(units.audio_milliseconds) });
  if (units.video_milliseconds !== undefined) fields.push({ label: t.video, value: latencyText(units.video_milliseconds) });
  fields.push({ label: t.countedBy, value: estimated ? t.estimated : t.pod });
  return fields;
}
