import { type NanoUsd, type UsageRecorded, usageRecorded } from '@ecolink/contracts';

/** One line of the journal: the event as it will be published, and the cost that this router counted for it. */
export interface JournalRecord {
  readonly event: UsageRecorded;
  readonly costNanoUsd: NanoUsd;
  /** The event as JSON. */
  readonly eventJson: string;
}

export function encodeRecord(record: JournalRecord): string {
  return `{"event":${record.eventJson},"cost_nano_usd":"${record.costNanoUsd}"}\n`;
}

/** `undefined` for a line that is not a whole record. */
export function decodeRecord(line: string): JournalRecord | undefined {
  try {
    const value = JSON.parse(line) as { event?: unknown; cost_nano_usd?: unknown };
    const event = usageRecorded.safeParse(value.event);
    if (!event.success || typeof value.cost_nano_usd !== 'string') return undefined;
    return { event: event.data, costNanoUsd: BigInt(value.cost_nano_usd), eventJson: JSON.stringify(event.data) };
  } catch {
    return undefined;
  }
}
