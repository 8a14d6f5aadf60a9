import type { JournalRecord } from './journal-record.js';

interface GatheredRecord {
  readonly record: JournalRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Records of calls that end in the same turn of the event loop, which go to disk in one write. */
export class GatheredRecords {
  private gathered: GatheredRecord[] = [];

  constructor(private readonly write: (records: readonly JournalRecord[]) => void) {}

  /** Resolves when it is written. */
  add(record: JournalRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.gathered.length === 0) setImmediate(() => this.flush());
      this.gathered.push({ record, resolve, reject });
    });
  }

  /** Writes what has gathered, now. */
  flush(): void {
    if (this.gathered.length === 0) return;
    const { gathered } = this;
    this.gathered = [];
    try {
      this.write(gathered.map(({ record }) => record));
      for (const { resolve } of gathered) resolve();
    } catch (error) {
      for (const { reject } of gathered) reject(error);
    }
  }
}
