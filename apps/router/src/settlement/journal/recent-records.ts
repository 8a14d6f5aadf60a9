import type { JournalRecord } from './journal-record.js';

/** A record and where it stands on disk. */
interface PlacedRecord<Segment> {
  readonly record: JournalRecord;
  readonly segment: Segment;
  readonly offset: number;
  readonly bytes: number;
}

/** Some megabytes; a bus that takes longer than that to catch up is read from disk. */
const RECORDS_MAX = 4_096;

/**
 * The end of the journal, still in memory: what was written a moment ago need not be read and parsed again to be
 * published. Holds an unbroken run of records up to the newest one, or nothing.
 */
export class RecentRecords<Segment> {
  private placed: PlacedRecord<Segment>[] = [];

  /** Where the run begins in this segment; the segment's end where it does not. */
  startIn(segment: Segment, segmentBytes: number): number {
    const first = this.placed[0];
    return first?.segment === segment ? first.offset : segmentBytes;
  }

  /** To be told of every record that is appended. */
  add(record: JournalRecord, segment: Segment, offset: number, bytes: number): void {
    if (this.placed.length >= RECORDS_MAX) this.placed = [];
    this.placed.push({ record, segment, offset, bytes });
  }

  /** The oldest records from exactly this place on, or `undefined` where the run begins elsewhere. */
  from(segment: Segment, offset: number, recordsMax: number): { records: JournalRecord[]; bytes: number } | undefined {
    const first = this.placed[0];
    if (first?.segment !== segment || first.offset !== offset) return undefined;
    const records: JournalRecord[] = [];
    let bytes = 0;
    for (const placed of this.placed) {
      if (placed.segment !== segment || records.length >= recordsMax) break;
      records.push(placed.record);
      bytes += placed.bytes;
    }
    return { records, bytes };
  }

  /** Forgets what stands before this place of the segment. */
  forget(segment: Segment, offset: number): void {
    let published = 0;
    for (const placed of this.placed) {
      if (placed.segment !== segment || placed.offset >= offset) break;
      published += 1;
    }
    this.placed.splice(0, published);
  }
}
