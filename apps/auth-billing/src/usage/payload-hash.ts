import { createHash } from 'node:crypto';
import type { UsageRecorded } from '@ecolink/contracts';

/**
 * What tells two events with the same id apart: SHA-256 over the fields in a fixed order, since neither bus keeps the
 * order of a JSON object's members.
 */
export function payloadHash(usage: UsageRecorded): string {
  const { units } = usage;
  const fields = [
    usage.event_id,
    usage.source,
    usage.journal_position,
    usage.account_id,
    usage.key_id,
    usage.instance_id,
    usage.platform_model_id,
    usage.model,
    usage.endpoint,
    usage.region,
    usage.started_at,
    usage.ended_at,
    usage.outcome,
    usage.status,
    units.requests,
    units.input_tokens,
    units.cached_input_tokens,
    units.output_tokens,
    units.images,
    units.audio_milliseconds,
    units.video_milliseconds,
    usage.estimated,
    usage.billable,
    usage.ttft_ms,
    usage.source_tag,
    usage.request_id,
  ];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}
