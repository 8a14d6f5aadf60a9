import { createHash } from 'node:crypto';
import { unknownMembers, type UsageRecorded } from '@ecolink/contracts';

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
  const others = [othersOf(usage, FIELDS), othersOf(units, UNITS)];
  const isPlain = others.every((each) => each.length === 0);
  return createHash('sha256')
    .update(JSON.stringify(isPlain ? fields : [...fields, ...others]))
    .digest('hex');
}

/** What stands in the list above. Its places are fixed: hashes of events that are recorded already must stay what they are. */
const FIELDS: ReadonlySet<string> = new Set([
  ...['event_id', 'source', 'journal_position', 'account_id', 'key_id', 'instance_id', 'platform_model_id', 'model', 'endpoint'],
  ...[
    'region',
    'started_at',
    'ended_at',
    'outcome',
    'status',
    'units',
    'estimated',
    'billable',
    'ttft_ms',
    'source_tag',
    'request_id',
  ],
]);
const UNITS: ReadonlySet<string> = new Set([
  ...['requests', 'input_tokens', 'cached_input_tokens', 'output_tokens', 'images', 'audio_milliseconds', 'video_milliseconds'],
]);

/** Members that later releases added, by name: whatever an event carries is part of its hash. */
function othersOf(value: object, listed: ReadonlySet<string>): readonly (readonly [string, unknown])[] {
  return unknownMembers(value, listed)
    .toSorted()
    .map((name) => [name, inOrder(Reflect.get(value, name))] as const);
}

/** The same value with the members of its objects sorted. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}
