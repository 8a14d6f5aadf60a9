import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

const FILE_NAME = 'spare-room';
const PIECE_BYTES = 65_536;

/**
 * Room on the journal's disk that is taken beforehand, so that a disk which others fill still has some for the records of
 * calls that are under way.
 */
export class SpareRoom {
  private readonly file: string;
  private isTaken = false;

  /** @param bytes 0 for none. */
  constructor(
    directory: string,
    private readonly bytes: number,
  ) {
    this.file = path.join(directory, FILE_NAME);
  }

  /** Takes the room. Throws what the disk says where there is not as much, and leaves nothing of it behind then. */
  take(): void {
    if (this.isTaken || this.bytes === 0) return;
    try {
      this.fill();
      this.isTaken = true;
    } catch (error) {
      rmSync(this.file, { force: true });
      throw error;
    }
  }

  /** Gives the room to whoever writes next. @returns false where there was none. */
  give(): boolean {
    if (!this.isTaken) return false;
    this.isTaken = false;
    rmSync(this.file, { force: true });
    return true;
  }

  private fill(): void {
    const descriptor = openSync(this.file, 'w', 0o600);
    try {
      const piece = Buffer.alloc(Math.min(PIECE_BYTES, this.bytes));
      for (let written = 0; written < this.bytes;) written += writeSync(descriptor, piece);
    } finally {
      closeSync(descriptor);
    }
  }
}
