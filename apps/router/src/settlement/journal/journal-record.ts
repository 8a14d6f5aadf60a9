import { type NanoUsd, openObject, type UsageRecorded, usageRecorded } from '@ecolink/contracts';

const { event_id, source, journal_position, account_id, ended_at } = usageRecorded.shape;

/**
 * What publishing needs of an event. A router that drains the journal of a newer release passes on everything else as it
 * stands there, without understanding it: whether it can be billed is decided where it is billed.
 */
const journaledEvent = openObject({ event_id, source, journal_position, account_id, ended_at });
export type JournaledEvent = Pick<UsageRecorded, keyof typeof journaledEvent.shape>;

/** One line of the journal: the event as it will be published, and the cost that this router counted for it. */
export interface JournalRecord<Event extends JournaledEvent = JournaledEvent> {
  readonly event: Event;
  readonly costNanoUsd: NanoUsd;
  /** The event as JSON, whole. */
  readonly eventJson: string;
}

export function encodeRecord(record: JournalRecord): string {
  return `{"event":${record.eventJson},"cost_nano_usd":"${record.costNanoUsd}"}\n`;
}

/** `undefined` for a line that is not a whole record. */
export function decodeRecord(line: string): JournalRecord | undefined {
  try {
    const value = JSON.parse(line) as { event?: unknown; cost_nano_usd?: unknown };
    const event = journaledEvent.safeParse(value.event);
    if (!event.success || typeof value.cost_nano_usd !== 'string') return undefined;
    return { event: event.data, costNanoUsd: BigInt(value.cost_nano_usd), eventJson: JSON.stringify(value.event) };
  } catch {
    return undefined;
  }
}
