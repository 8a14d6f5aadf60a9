import { statfs } from 'node:fs/promises';
import type { Logger } from '@ecolink/runtime';
import { observedGauge } from './meters.js';

/** A fifth of a disk that is left is time to act; a twentieth is not. */
const LOW_SHARE = 0.2;
const FULL_SHARE = 0.05;
const LOOK_MS = 60_000;
/** The same warning comes again after so long. */
const REPEAT_MS = 60 * 60_000;

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export type ReadDisk = (directory: string) => Promise<DiskSpace>;

/** What an ordinary user may still write on the disk of a directory. */
export async function readDisk(directory: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

type Level = 'enough' | 'low' | 'nearly_full';

/** Shows what is left on the disk of a directory, and warns while there is still time: at a fifth, and as an error at a twentieth. */
export class DiskWatch {
  private level: Level = 'enough';
  private warnedAtMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly directory: string,
    private readonly logger: Pick<Logger, 'warn' | 'error'>,
    private readonly read: ReadDisk = readDisk,
  ) {}

  start(): void {
    const labels = { directory: this.directory };
    const declare = (name: string, help: string, value: keyof DiskSpace): void =>
      observedGauge({ name, help, labelNames: ['directory'] }, this.directory, async () => [
        { labels, value: (await this.read(this.directory))[value] },
      ]);
    declare('ecolink_disk_free_bytes', 'What can still be written on the disk of a data directory', 'freeBytes');
    declare('ecolink_disk_total_bytes', 'Size of the disk of a data directory', 'totalBytes');
    void this.look(Date.now());
    this.timer = setInterval(() => void this.look(Date.now()), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Logs a level that is worse than the one before, and one that lasts once an hour. */
  async look(nowMs: number): Promise<void> {
    const space = await this.read(this.directory).catch(() => undefined);
    if (space === undefined) return;
    const before = this.level;
    this.level = levelOf(space);
    if (this.level === 'enough' || (this.level === before && nowMs - this.warnedAtMs < REPEAT_MS)) return;
    this.warnedAtMs = nowMs;
    const fields = { directory: this.directory, free_bytes: space.freeBytes, total_bytes: space.totalBytes };
    if (this.level === 'low') this.logger.warn({ event: 'disk.low', ...fields });
    else this.logger.error({ event: 'disk.nearly_full', ...fields });
  }
}

function levelOf({ freeBytes, totalBytes }: DiskSpace): Level {
  const share = freeBytes / totalBytes;
  return share < FULL_SHARE ? 'nearly_full' : share < LOW_SHARE ? 'low' : 'enough';
}
