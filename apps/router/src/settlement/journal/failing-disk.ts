import type { JournalRecord } from './journal-record.js';
import type { SpareRoom } from './spare-room.js';

/** A record and the line that it is on disk. */
export interface JournalLine {
  readonly record: JournalRecord;
  readonly line: string;
}

export interface FailingDiskOptions {
  readonly now: () => number;
  /** Writes lines, all of them or none; throws what the disk says. */
  readonly write: (lines: readonly JournalLine[]) => void;
  readonly spare: SpareRoom;
  /** Told once when writing begins to fail, and once (`undefined`) when all that waited is written and there is room again. */
  readonly onChange: (failure: unknown) => void;
}

/** While writing fails it is tried again so often. */
const RETRY_MS = 1_000;
/** Records that wait in memory at the most, some ten megabytes; calls under way when the disk fails are fewer. */
const WAITING_MAX = 10_000;
const LINES_PER_WRITE = 100;

/**
 * Writes a journal's lines to a disk that may be full or broken. Calls that are under way when it fails are written into the
 * spare room, or else wait in memory, in their order, until they can be; no new call is to be admitted until then.
 */
export class FailingDisk {
  private waiting: JournalLine[] = [];
  private failedAtMs: number | undefined;
  private failure = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: FailingDiskOptions) {
    this.takeSpareRoom();
  }

  /** Whether the record of another call could be written. Looks again itself, once a second. */
  get takesRecords(): boolean {
    if (this.failedAtMs === undefined) return true;
    return this.options.now() - this.failedAtMs >= RETRY_MS && this.retry();
  }

  /** The reason while it takes none. */
  degradation(): string | undefined {
    if (this.failedAtMs === undefined) return undefined;
    return `the journal cannot be written (${this.failure}); ${this.waiting.length} records wait in memory`;
  }

  /** Throws where the lines are neither written nor kept. */
  write(lines: readonly JournalLine[]): void {
    if (this.waiting.length > 0) return this.keep(lines, 'earlier records wait');
    try {
      this.options.write(lines);
    } catch (error) {
      this.failed(error);
      if (!this.writeIntoSpareRoom(lines)) this.keep(lines, error);
    }
  }

  /** Tries for a last time. @returns what could not be written. */
  close(): readonly JournalRecord[] {
    clearInterval(this.timer);
    try {
      this.writeWaiting();
    } catch {
      // The caller says which records are lost.
    }
    return this.waiting.map(({ record }) => record);
  }

  private retry(): boolean {
    try {
      this.writeWaiting();
      this.options.spare.take();
    } catch (error) {
      this.failed(error);
      return false;
    }
    clearInterval(this.timer);
    this.timer = undefined;
    this.failedAtMs = undefined;
    this.options.onChange(undefined);
    return true;
  }

  private writeWaiting(): void {
    while (this.waiting.length > 0) {
      this.options.write(this.waiting.slice(0, LINES_PER_WRITE));
      this.waiting = this.waiting.slice(LINES_PER_WRITE);
    }
  }

  private takeSpareRoom(): void {
    try {
      this.options.spare.take();
    } catch (error) {
      this.failed(error);
    }
  }

  private writeIntoSpareRoom(lines: readonly JournalLine[]): boolean {
    if (!this.options.spare.give()) return false;
    try {
      this.options.write(lines);
      return true;
    } catch {
      return false;
    }
  }

  private keep(lines: readonly JournalLine[], reason: unknown): void {
    if (this.waiting.length + lines.length > WAITING_MAX) throw reason instanceof Error ? reason : new Error(String(reason));
    this.waiting.push(...lines);
  }

  private failed(error: unknown): void {
    if (this.failedAtMs === undefined) this.options.onChange(error);
    this.failedAtMs = this.options.now();
    this.failure = String(error);
    this.timer ??= setInterval(() => this.retry(), RETRY_MS).unref();
  }
}
