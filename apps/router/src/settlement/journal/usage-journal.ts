import { appendFileSync, closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { lockDirectory } from '@ecolink/runtime';
import { AcknowledgedMark } from './acknowledged-mark.js';
import { FailingDisk, type JournalLine } from './failing-disk.js';
import { GatheredRecords } from './gathered-records.js';
import { decodeRecord, encodeRecord, type JournalRecord } from './journal-record.js';
import { RecentRecords } from './recent-records.js';
import { cutTornEnd, decodeLines, isDiskFull, readRange, writeWhole } from './segment-files.js';
import { SpareRoom } from './spare-room.js';

export interface UsageJournalOptions {
  readonly directory: string;
  /** Bytes that may wait for the bus; beyond, calls are refused rather than served unmetered. Default 256 MiB. */
  readonly quotaBytes?: number;
  /** A segment is closed at this size and removed once all of it is published. Default 4 MiB. */
  readonly segmentBytesMax?: number;
  /** Room that is taken on disk beforehand, for calls that are under way when others fill it. Default none. */
  readonly spareBytes?: number;
  /** Told once when the disk begins to fail, and once (`undefined`) when it takes everything again. */
  readonly onDiskChange?: (failure: unknown) => void;
  /** Told of each record that could not be written until the journal was closed. */
  readonly onLost?: (record: JournalRecord) => void;
  readonly now?: () => number;
}

export interface JournalBatch {
  readonly records: readonly JournalRecord[];
  /** Lines among them that are no records; kept beside the journal, since each may be a call that nobody billed. */
  readonly unreadable: number;
  /** Says that all of them are on the bus. */
  acknowledge(): void;
}

interface ReadRecords {
  readonly records: readonly JournalRecord[];
  readonly unreadable: readonly string[];
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
/** Grows by no more than the journal held. */
const UNREADABLE_FILE = 'unreadable-lines.txt';
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
  private lastPosition: number;
  /** Where publishing goes on: an offset into the first segment. */
  private readOffset = 0;
  private readonly recent = new RecentRecords<Segment>();
  private readonly mark: AcknowledgedMark;
  private readonly disk: FailingDisk;
  private readonly gathered = new GatheredRecords((records) => this.writeRecords(records));
  private readonly release: () => void;
  private readonly now: () => number;
  private readonly quotaBytes: number;
  private readonly segmentBytesMax: number;
  private wake: (() => void) | undefined;

  constructor(private readonly options: UsageJournalOptions) {
    this.quotaBytes = options.quotaBytes ?? QUOTA_BYTES;
    this.segmentBytesMax = options.segmentBytesMax ?? SEGMENT_BYTES_MAX;
    this.release = lockDirectory(options.directory);
    this.now = options.now ?? Date.now;
    this.mark = new AcknowledgedMark(options.directory, this.now);
    const acknowledged = this.mark.read();
    this.lastPosition = Math.max(this.now() * MICROSECONDS_PER_MS, acknowledged.position);
    this.recover(acknowledged);
    this.disk = new FailingDisk({
      now: this.now,
      write: (lines) => this.writeLines(lines),
      spare: new SpareRoom(options.directory, options.spareBytes ?? 0),
      onChange: (failure) => options.onDiskChange?.(failure),
    });
  }

  /** Bytes on disk that the bus has not acknowledged. */
  get waitingBytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0) - this.readOffset;
  }

  /** The reason while its disk takes nothing: calls are refused. */
  degradation(): string | undefined {
    return this.disk.degradation();
  }

  /** Takes the room for one call's record; false when the journal is full, or its disk takes nothing. */
  reserve(): boolean {
    if (!this.disk.takesRecords) return false;
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

  /** Writes a record; when this returns, the kernel has it, or, while the disk fails, this process until it does not. */
  append(record: JournalRecord): void {
    this.gathered.flush();
    this.writeRecords([record]);
  }

  /** Writes a record together with those of other calls that end in this turn of the event loop; resolves when the kernel has it. */
  appendGathered(record: JournalRecord): Promise<void> {
    return this.gathered.add(record);
  }

  private writeRecords(records: readonly JournalRecord[]): void {
    this.disk.write(records.map((record) => ({ record, line: encodeRecord(record) })));
    this.wake?.();
  }

  private writeLines(lines: readonly JournalLine[]): void {
    const text = lines.length === 1 ? (lines[0]?.line ?? '') : lines.map(({ line }) => line).join('');
    const bytes = Buffer.from(text);
    const isAscii = bytes.length === text.length;
    const segment = this.writableSegment(lines[0]?.record.event.journal_position ?? 0);
    this.write(bytes, segment);
    for (const { record, line } of lines) this.noteWritten(record, segment, isAscii ? line.length : Buffer.byteLength(line));
  }

  private noteWritten(record: JournalRecord, segment: Segment, bytes: number): void {
    this.recent.add(record, segment, segment.bytes, bytes);
    segment.bytes += bytes;
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
    const { records, unreadable, offset } =
      this.readRecent(segment, recordsMax) ?? (await this.readFromDisk(segment, recordsMax));
    return {
      records,
      unreadable: unreadable.length,
      acknowledge: () => {
        this.setAside(unreadable);
        this.readOffset = offset;
        this.recent.forget(segment, offset);
        this.mark.note({
          position: records.at(-1)?.event.journal_position ?? 0,
          segment: path.basename(segment.file),
          offset,
        });
        this.dropFinishedSegments();
      },
    };
  }

  private readRecent(segment: Segment, recordsMax: number): ReadRecords | undefined {
    const read = this.recent.from(segment, this.readOffset, recordsMax);
    return read === undefined ? undefined : { records: read.records, unreadable: [], offset: this.readOffset + read.bytes };
  }

  private async readFromDisk(segment: Segment, recordsMax: number): Promise<ReadRecords> {
    const end = this.recent.startIn(segment, segment.bytes);
    const bytes = await readRange(segment.file, this.readOffset, Math.min(end - this.readOffset, READ_BYTES_MAX));
    const { records, unreadable, bytesRead } = decodeLines(bytes, recordsMax);
    // A range without a whole line is none that this journal wrote: it is passed over rather than read for ever.
    return { records, unreadable, offset: bytesRead === 0 ? end : this.readOffset + bytesRead };
  }

  private setAside(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const text = lines.map((line) => `${line}\n`).join('');
    appendFileSync(path.join(this.options.directory, UNREADABLE_FILE), text, { mode: 0o600 });
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
    this.gathered.flush();
    this.wake?.();
    for (const record of this.disk.close()) this.options.onLost?.(record);
    this.mark.save();
    this.closeSegment();
    this.release();
  }

  private writableSegment(position: number): Segment {
    const last = this.segments.at(-1);
    if (last !== undefined && this.descriptor !== undefined && last.bytes < this.segmentBytesMax) return last;
    this.closeSegment();
    const file = path.join(this.options.directory, `${String(position).padStart(16, '0')}.jsonl`);
    this.descriptor = openSync(file, 'a', 0o600);
    const segment = { file, firstPosition: position, bytes: 0 };
    this.segments.push(segment);
    return segment;
  }

  private closeSegment(): void {
    const { descriptor } = this;
    this.descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }

  private write(lines: Buffer, segment: Segment): void {
    if (this.descriptor === undefined) throw new Error('the journal is closed');
    try {
      writeWhole(this.descriptor, lines, segment.bytes);
    } catch (error) {
      // A full disk takes more later; where the disk is broken it may be this file alone.
      if (!isDiskFull(error)) this.leave(segment);
      throw error;
    }
  }

  private leave(segment: Segment): void {
    this.closeSegment();
    if (segment.bytes === 0) this.segments.pop();
  }

  /** Removes segments whose every record is published; the one being written goes once it has grown to its size. */
  private dropFinishedSegments(): void {
    for (let first = this.segments[0]; first !== undefined; first = this.segments[0]) {
      const isCurrent = this.segments.length === 1 && this.descriptor !== undefined && first.bytes < this.segmentBytesMax;
      if (this.readOffset < first.bytes || isCurrent) return;
      rmSync(first.file, { force: true });
      this.segments.shift();
      this.readOffset = 0;
      if (this.segments.length === 0) this.closeSegment();
    }
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
