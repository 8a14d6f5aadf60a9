import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { UsageRecorded } from '@ecolink/contracts';
import { lockDirectory } from '@ecolink/service-kit';
import { decodeRecord, encodeRecord, type JournalRecord } from './journal-record.js';
import { RecentRecords } from './recent-records.js';
import { cutTornEnd, decodeLines, readRange } from './segment-files.js';

export interface UsageJournalOptions {
  readonly directory: string;
  /** Bytes that may wait for the bus; beyond, calls are refused rather than served unmetered. Default 256 MiB. */
  readonly quotaBytes?: number;
  /** A segment is closed at this size and removed once all of it is published. Default 4 MiB. */
  readonly segmentBytesMax?: number;
  readonly now?: () => number;
}

export interface JournalBatch {
  readonly records: readonly JournalRecord[];
  /** Says that all of them are on the bus. */
  acknowledge(): void;
}

interface ReadRecords {
  readonly records: readonly JournalRecord[];
  /** Behind the last of them. */
  readonly offset: number;
}

interface Segment {
  readonly file: string;
  readonly firstPosition: number;
  bytes: number;
}

const QUOTA_BYTES = 256 * 1_048_576;
const SEGMENT_BYTES_MAX = 4 * 1_048_576;
const READ_BYTES_MAX = 1_048_576;
/** What one call's record takes at the most; reserved while the call runs. */
const RECORD_BYTES_MAX = 8_192;
/** After a failed write calls are refused for so long, then one may try again. */
const FAILURE_PAUSE_MS = 1_000;
const MICROSECONDS_PER_MS = 1000;

/**
 * The router's own record of what it served: one line for each call, written before the call's last byte goes to the
 * client and removed once the bus has acknowledged it. It survives the death of the process at any instant (the kernel
 * holds the bytes), not the loss of power. Positions only grow, across restarts too.
 */
export class UsageJournal {
  private segments: Segment[] = [];
  private descriptor: number | undefined;
  private reservedBytes = 0;
  private failedAtMs = -Infinity;
  private lastPosition: number;
  /** Where publishing goes on: an offset into the first segment. */
  private readOffset = 0;
  private readonly recent = new RecentRecords<Segment>();
  private readonly release: () => void;
  private readonly now: () => number;
  private readonly quotaBytes: number;
  private readonly segmentBytesMax: number;
  private wake: (() => void) | undefined;

  constructor(private readonly options: UsageJournalOptions) {
    this.quotaBytes = options.quotaBytes ?? QUOTA_BYTES;
    this.segmentBytesMax = options.segmentBytesMax ?? SEGMENT_BYTES_MAX;
    this.release = lockDirectory(options.directory);
    const acknowledged = this.readAcknowledged();
    this.now = options.now ?? Date.now;
    this.lastPosition = Math.max(this.now() * MICROSECONDS_PER_MS, acknowledged.position);
    this.recover(acknowledged);
  }

  /** Bytes on disk that the bus has not acknowledged. */
  get waitingBytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0) - this.readOffset;
  }

  /** Takes the room for one call's record; false when the journal is full, or could not be written a moment ago. */
  reserve(): boolean {
    if (this.now() - this.failedAtMs < FAILURE_PAUSE_MS) return false;
    if (this.waitingBytes + this.reservedBytes + RECORD_BYTES_MAX > this.quotaBytes) return false;
    this.reservedBytes += RECORD_BYTES_MAX;
    return true;
  }

  /** Gives the room back: after `append`, or when the call was never served. */
  releaseReservation(): void {
    this.reservedBytes = Math.max(0, this.reservedBytes - RECORD_BYTES_MAX);
  }

  /** The position that the next record gets. */
  nextPosition(): number {
    this.lastPosition += 1;
    return this.lastPosition;
  }

  /** Writes a record; when this returns, the kernel has it. */
  append(record: JournalRecord): void {
    try {
      const line = Buffer.from(encodeRecord(record));
      const segment = this.writableSegment(record.event.journal_position);
      this.write(line, segment);
      this.recent.add(record, segment, segment.bytes, line.length);
      segment.bytes += line.length;
    } catch (error) {
      this.failedAtMs = this.now();
      throw error;
    }
    this.wake?.();
  }

  /** Every record that waits, for the account views of a router that starts. */
  readWaiting(): JournalRecord[] {
    const records: JournalRecord[] = [];
    this.segments.forEach((segment, index) => {
      const text = readFileSync(segment.file)
        .subarray(index === 0 ? this.readOffset : 0)
        .toString('utf8');
      for (const line of text.split('\n')) {
        const record = line === '' ? undefined : decodeRecord(line);
        if (record !== undefined) records.push(record);
      }
    });
    return records;
  }

  /** The oldest records that wait, or `undefined` when there are none. */
  async readBatch(recordsMax: number): Promise<JournalBatch | undefined> {
    this.dropFinishedSegments();
    const segment = this.segments[0];
    if (segment === undefined || this.readOffset >= segment.bytes) return undefined;
    const { records, offset } = this.readRecent(segment, recordsMax) ?? (await this.readFromDisk(segment, recordsMax));
    return {
      records,
      acknowledge: () => {
        this.readOffset = offset;
        this.recent.forget(segment, offset);
        this.writeAcknowledged(segment, records.at(-1)?.event);
        this.dropFinishedSegments();
      },
    };
  }

  private readRecent(segment: Segment, recordsMax: number): ReadRecords | undefined {
    const read = this.recent.from(segment, this.readOffset, recordsMax);
    return read === undefined ? undefined : { records: read.records, offset: this.readOffset + read.bytes };
  }

  private async readFromDisk(segment: Segment, recordsMax: number): Promise<ReadRecords> {
    const end = this.recent.startIn(segment, segment.bytes);
    const bytes = await readRange(segment.file, this.readOffset, Math.min(end - this.readOffset, READ_BYTES_MAX));
    const { records, bytesRead } = decodeLines(bytes, recordsMax);
    // A range without a whole line is none that this journal wrote: it is passed over rather than read for ever.
    return { records, offset: bytesRead === 0 ? end : this.readOffset + bytesRead };
  }

  /** Resolves when a record is appended, or after `timeoutMs`. */
  waitForRecords(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.wake = done;
    });
  }

  /** Ends a wait for records at once. */
  interruptWait(): void {
    this.wake?.();
  }

  close(): void {
    this.wake?.();
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
    this.release();
  }

  private writableSegment(position: number): Segment {
    const last = this.segments.at(-1);
    if (last !== undefined && this.descriptor !== undefined && last.bytes < this.segmentBytesMax) return last;
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    const file = path.join(this.options.directory, `${String(position).padStart(16, '0')}.jsonl`);
    this.descriptor = openSync(file, 'a', 0o600);
    const segment = { file, firstPosition: position, bytes: 0 };
    this.segments.push(segment);
    return segment;
  }

  /** All of a line or none of it: the next one must not stand behind a fragment. */
  private write(line: Buffer, segment: Segment): void {
    if (this.descriptor === undefined) throw new Error('the journal is closed');
    let written = 0;
    try {
      while (written < line.length) written += writeSync(this.descriptor, line, written);
    } catch (error) {
      if (written > 0) ftruncateSync(this.descriptor, segment.bytes);
      throw error;
    }
  }

  /** Removes segments whose every record is published; the one being written goes once it has grown to its size. */
  private dropFinishedSegments(): void {
    for (let first = this.segments[0]; first !== undefined; first = this.segments[0]) {
      const isCurrent = this.segments.length === 1 && this.descriptor !== undefined && first.bytes < this.segmentBytesMax;
      if (this.readOffset < first.bytes || isCurrent) return;
      rmSync(first.file, { force: true });
      this.segments.shift();
      this.readOffset = 0;
      if (this.segments.length === 0 && this.descriptor !== undefined) {
        closeSync(this.descriptor);
        this.descriptor = undefined;
      }
    }
  }

  private get acknowledgedFile(): string {
    return path.join(this.options.directory, 'acknowledged.json');
  }

  private readAcknowledged(): { position: number; segment: string; offset: number } {
    try {
      const value = JSON.parse(readFileSync(this.acknowledgedFile, 'utf8')) as Record<string, unknown>;
      const { position, segment, offset } = value;
      if (typeof position === 'number' && typeof segment === 'string' && typeof offset === 'number')
        return { position, segment, offset };
    } catch {
      // Absent at first. Where it is unreadable, records are published again, and billing takes each once.
    }
    return { position: 0, segment: '', offset: 0 };
  }

  private writeAcknowledged(segment: Segment, event: UsageRecorded | undefined): void {
    const copy = { position: event?.journal_position ?? 0, segment: path.basename(segment.file), offset: this.readOffset };
    writeFileSync(`${this.acknowledgedFile}.next`, JSON.stringify(copy), { mode: 0o600 });
    renameSync(`${this.acknowledgedFile}.next`, this.acknowledgedFile);
  }

  /** Finds what an earlier run left, without its torn end and without what the bus has already. */
  private recover(acknowledged: { segment: string; offset: number }): void {
    const names = readdirSync(this.options.directory).filter((name) => name.endsWith('.jsonl'));
    for (const name of names.sort()) {
      const file = path.join(this.options.directory, name);
      const { bytes, lastPosition } = cutTornEnd(file);
      this.lastPosition = Math.max(this.lastPosition, lastPosition);
      if (this.segments.length === 0 && name === acknowledged.segment) this.readOffset = Math.min(acknowledged.offset, bytes);
      if (bytes === 0) rmSync(file, { force: true });
      else this.segments.push({ file, firstPosition: Number(name.slice(0, 16)), bytes });
    }
    this.dropFinishedSegments();
  }
}
