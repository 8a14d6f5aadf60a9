import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** How far the bus has come: the last position it has, and the place behind that record. */
export interface Acknowledged {
  readonly position: number;
  readonly segment: string;
  readonly offset: number;
}

const FILE_NAME = 'acknowledged.json';
const SAVE_INTERVAL_MS = 1_000;
const NOTHING: Acknowledged = { position: 0, segment: '', offset: 0 };

/**
 * The mark on disk of what need not be published again. Kept once a second and at the end: after a crash a
 * moment's records are published again, and billing takes each once.
 */
export class AcknowledgedMark {
  private readonly file: string;
  private unsaved: Acknowledged | undefined;
  private savedAtMs = -Infinity;

  constructor(
    directory: string,
    private readonly now: () => number,
  ) {
    this.file = path.join(directory, FILE_NAME);
  }

  /** The mark of an earlier run. */
  read(): Acknowledged {
    try {
      const { position, segment, offset } = JSON.parse(readFileSync(this.file, 'utf8')) as Record<string, unknown>;
      if (typeof position === 'number' && typeof segment === 'string' && typeof offset === 'number')
        return { position, segment, offset };
    } catch {
      // Absent at first. Where it is unreadable, records are published again.
    }
    return NOTHING;
  }

  note(acknowledged: Acknowledged): void {
    this.unsaved = acknowledged;
    if (this.now() - this.savedAtMs >= SAVE_INTERVAL_MS) this.save();
  }

  /** Where the disk does not take it the last mark stands, and what came since is published again after a restart. */
  save(): void {
    if (this.unsaved === undefined) return;
    this.savedAtMs = this.now();
    try {
      writeFileSync(`${this.file}.next`, JSON.stringify(this.unsaved), { mode: 0o600 });
      renameSync(`${this.file}.next`, this.file);
      this.unsaved = undefined;
    } catch {
      // The journal itself says that its disk fails.
    }
  }
}
